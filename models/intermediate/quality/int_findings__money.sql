-- Grain: one row per finding about money: rates that are missing, refunds that cannot be.
{{ config(materialized='view') }}

with

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

converted as (

    select 'subscriptions' as raw_table, known_currency as currency, valid_from as converted_on
    from {{ ref('base_billing__subscriptions') }}
    where row_fate = 'staged'
        and mrr <> 0
    union all
    select 'invoice_lines' as raw_table, known_currency as currency, issued_on as converted_on
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
        -- one currency that is its own measure needs no rates
        and exchange_rates.month_starts_on > {{ first_version_on() }}
        and converted.converted_on <= {{ as_of_date() }}
    group by 1, 2

),

invoice_lines as (

    select * from {{ ref('stg_billing__invoice_lines') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

contracts_today as (

    select
        account_id,
        coalesce(subscription_id, '') as subscription_id,
        sum(mrr_usd) as mrr_usd,
        sum(case when is_customer_item and mrr is null then 1 else 0 end) as unknown_prices
    from {{ ref('int_subscription_periods') }}
    where (is_customer_item or is_discount_item)
        and starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}
    group by 1, 2

),

-- amounts of a company that gives no rates are shown as they are
own_currencies as (

    select currency from exchange_rates
    where month_starts_on = {{ first_version_on() }}
        and currency <> 'USD'

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
    union all
    select
        'price_without_amount' as finding,
        account_id as entity,
        {{ counted('sum(unknown_prices)', 'price') }} || ' in force '
        || case when sum(unknown_prices) = 1 then 'has' else 'have' end || ' no amount per month' as detail,
        {{ as_of_date() }} as found_on
    from contracts_today
    where unknown_prices > 0
    group by 1, 2, 4
    union all
    select
        'discount_above_subscription' as finding,
        account_id || '/' || subscription_id as entity,
        'discounts exceed the subscription by ' || {{ number_in_words('-mrr_usd') }} || ' USD a month' as detail,
        {{ as_of_date() }} as found_on
    from contracts_today
    where mrr_usd < 0
    union all
    select
        'currency_without_rates' as finding,
        currency as entity,
        'amounts are shown in ' || currency || ', also where a column says USD' as detail,
        {{ as_of_date() }} as found_on
    from own_currencies

)

select * from final
