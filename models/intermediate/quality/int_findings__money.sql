-- Grain: one row per finding about money: rates that are missing, refunds that cannot be.
{{ config(materialized='view') }}

with

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

converted as (

    select 'subscriptions' as raw_table, currency, valid_from as converted_on
    from {{ ref('base_billing__subscriptions') }}
    where row_fate = 'staged'
        and mrr > 0
    union all
    select 'invoice_lines' as raw_table, currency, issued_on as converted_on
    from {{ ref('base_billing__invoice_lines') }}
    where row_fate = 'staged'

),

borrowed_rates as (

    select
        converted.currency,
        exchange_rates.month_starts_on as rate_month,
        count(*) as row_count,
        min(converted.converted_on) as first_on,
        max(converted.converted_on) as last_on
    from converted
    inner join exchange_rates
        on converted.currency = exchange_rates.currency
        and converted.converted_on >= exchange_rates.valid_from_on
        and converted.converted_on < exchange_rates.valid_to_on
    where cast({{ dbt.date_trunc('month', 'converted.converted_on') }} as date) <> exchange_rates.month_starts_on
        and converted.converted_on <= {{ as_of_date() }}
    group by 1, 2

),

invoice_lines as (

    select * from {{ ref('stg_billing__invoice_lines') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

final as (

    select
        'exchange_rate_carried_forward' as finding,
        currency || '/' || cast(rate_month as {{ dbt.type_string() }}) as entity,
        {{ counted('row_count', 'row') }} || ' from ' || cast(first_on as {{ dbt.type_string() }}) || ' to '
        || cast(last_on as {{ dbt.type_string() }}) || ' took the rate of that month, for want of their own' as detail,
        last_on as found_on
    from borrowed_rates
    union all
    select
        'refund_above_invoice' as finding,
        invoice_id || '/' || line_id as entity,
        {{ number_in_words('refunded_usd') }} || ' USD were paid back of a line of '
        || {{ number_in_words('amount_usd') }} || ' USD' as detail,
        coalesce(refunded_on, valid_from_on) as found_on
    from invoice_lines
    where refunded_usd > greatest(amount_usd, 0)

)

select * from final
