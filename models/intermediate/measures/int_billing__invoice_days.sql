-- Grain: one row per account, day and additive invoice measure.
-- A fact counts on the day from which it is known: when it happened, or when the version that shows it became valid.
with

lines as (

    select
        *,
        lag(paid_on) over (partition by invoice_id, line_id order by version_number) as previous_paid_on,
        lag(refunded_on) over (partition by invoice_id, line_id order by version_number) as previous_refunded_on
    from {{ ref('stg_billing__invoice_lines') }}

),

issued as (

    select
        account_id,
        issued_on as date_day,
        'invoiced_usd' as measure,
        sum(amount_usd) as value
    from lines
    where version_number = 1
        and line_type <> 'credit'
    group by 1, 2
    union all
    select
        account_id,
        issued_on as date_day,
        'invoiced_services_usd' as measure,
        sum(amount_usd) as value
    from lines
    where version_number = 1
        and line_type = 'services'
    group by 1, 2

),

paid_late as (

    select
        account_id,
        greatest(paid_on, valid_from_on) as date_day,
        'invoices_paid_late' as measure,
        count(distinct invoice_id) as value
    from lines
    where paid_on > due_on
        and previous_paid_on is null
    group by 1, 2

),

failed as (

    select
        account_id,
        {{ add_days('due_on', var('invoice_failed_days')) }} as date_day,
        'invoices_failed' as measure,
        count(distinct invoice_id) as value
    from lines
    where line_type <> 'credit'
        and {{ add_days('due_on', var('invoice_failed_days')) }} >= valid_from_on
        and {{ add_days('due_on', var('invoice_failed_days')) }} < valid_to_on
        and coalesce(paid_on, {{ open_end() }}) > {{ add_days('due_on', var('invoice_failed_days')) }}
        and coalesce(voided_on, {{ open_end() }}) > {{ add_days('due_on', var('invoice_failed_days')) }}
    group by 1, 2

),

refunded as (

    select
        account_id,
        greatest(refunded_on, valid_from_on) as date_day,
        'refunded_usd' as measure,
        sum(refunded_usd) as value
    from lines
    where refunded_on is not null
        and previous_refunded_on is null
    group by 1, 2

),

unioned as (

    select * from issued
    union all
    select * from paid_late
    union all
    select * from failed
    union all
    select * from refunded

)

select * from unioned
