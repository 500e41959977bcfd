-- Grain: one row per account, day and additive invoice measure.
-- A fact counts on the day from which it is known: when it happened, or when the version that shows it became valid.
with

movements as (

    select * from {{ ref('int_billing__invoice_movements') }}

),

states as (

    select * from {{ ref('int_billing__invoice_states') }}

),

unpaid_invoices as (

    select * from {{ ref('int_billing__unpaid_invoices') }}

),

payments as (

    select
        *,
        lag(outcome) over (partition by payment_id order by version_number) as previous_outcome
    from {{ ref('stg_billing__payments') }}

),

invoiced as (

    select account_id, date_day, 'invoiced_usd' as measure, sum(amount_usd) as value
    from movements
    where movement = 'invoiced'
    group by 1, 2
    union all
    select account_id, date_day, 'invoiced_services_usd' as measure, sum(amount_usd) as value
    from movements
    where movement = 'invoiced'
        and charge_type = 'services'
    group by 1, 2

),

first_late_payments as (

    -- late by the day of the payment, even where it was entered later
    select
        movements.account_id,
        movements.invoice_id,
        min(movements.date_day) as date_day
    from movements
    inner join states
        on movements.account_id = states.account_id
        and movements.invoice_id = states.invoice_id
        and movements.date_day >= states.starts_on
        and movements.date_day < states.ends_on
    where movements.movement = 'paid'
        and movements.amount > 0
        and movements.happened_on > states.due_on
    group by 1, 2

),

failures as (

    select
        account_id,
        invoice_id,
        greatest({{ add_days('due_on', var('invoice_failed_days')) }}, starts_on) as date_day
    from unpaid_invoices
    where greatest({{ add_days('due_on', var('invoice_failed_days')) }}, starts_on) < ends_on
    union all
    -- what was given up was not paid
    select account_id, invoice_id, date_day
    from movements
    where movement = 'written_off'
        and amount > 0

),

first_failures as (

    select account_id, invoice_id, min(date_day) as date_day
    from failures
    group by 1, 2

),

-- the same refund may be told by the lines and by the payments
refunds as (

    select
        account_id,
        invoice_id,
        date_day,
        greatest(
            sum(case when told_by = 'lines' then amount_usd else 0 end),
            sum(case when told_by = 'payments' then amount_usd else 0 end)
        ) as value
    from movements
    where movement = 'refunded'
    group by 1, 2, 3

),

unioned as (

    select * from invoiced
    union all
    select account_id, date_day, 'invoices_paid_late' as measure, count(*) as value
    from first_late_payments
    group by 1, 2
    union all
    select account_id, date_day, 'invoices_failed' as measure, count(*) as value
    from first_failures
    group by 1, 2
    union all
    select account_id, date_day, 'refunded_usd' as measure, sum(value) as value
    from refunds
    group by 1, 2
    union all
    select account_id, valid_from_on as date_day, 'payments_failed' as measure, count(*) as value
    from payments
    where outcome = 'failed'
        and previous_outcome is distinct from 'failed'
    group by 1, 2
    union all
    select account_id, valid_from_on as date_day, 'payments_disputed' as measure, count(*) as value
    from payments
    where outcome in ('disputed', 'dispute_won', 'dispute_lost')
        and coalesce(previous_outcome, '') not in ('disputed', 'dispute_won', 'dispute_lost')
    group by 1, 2

)

select * from unioned
