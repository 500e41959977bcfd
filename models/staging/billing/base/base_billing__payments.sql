-- Grain: one row per raw row of payments, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('payments', words=['outcome'], has_currency=true) }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'billing'

),

currencies as (

    select
        currency,
        max(usd_per_unit) as highest_rate
    from {{ ref('stg_billing__exchange_rates') }}
    group by currency

),

checked as (

    select
        raw_rows.*,
        account_keys.account_id as resolved_account_id,
        case
            when raw_rows.attempted_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.updated_at', 'raw_rows.attempted_at'], 'raw_rows') }}
                then 'timestamp_in_future'
            when account_keys.account_id is null then 'unknown_account'
            when coalesce(raw_rows.known_outcome, '')
                not in ('pending', 'succeeded', 'failed', 'refunded', 'disputed', 'dispute_won', 'dispute_lost')
                then 'invalid_value'
            when raw_rows.amount is null then 'invalid_value'
            when raw_rows.amount < 0 then 'negative_amount'
            when currencies.currency is null then 'missing_exchange_rate'
            when cast(raw_rows.amount as double) * currencies.highest_rate > {{ plausible_usd() }}
                then 'implausible_number'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.attempted_at >= account_keys.valid_from
        and raw_rows.attempted_at < account_keys.valid_to
    left join currencies
        on raw_rows.known_currency = currencies.currency

),

fates as (

    {{ row_fates(
        'checked',
        key=['payment_id'],
        payload=['account_id', 'invoice_id', 'attempt', 'outcome', 'amount', 'currency', 'attempted_at'],
        mutable=true,
    ) }}

)

select * from fates
