-- Grain: one row per raw row of invoice_lines, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('invoice_lines', words=['line_type'], has_currency=true) }}

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
            when raw_rows.issued_on is null then 'missing_timestamp'
            when {{ is_in_future([
                'raw_rows.updated_at', 'cast(raw_rows.issued_on as timestamp)', 'cast(raw_rows.paid_on as timestamp)',
            ], 'raw_rows') }} then 'timestamp_in_future'
            when account_keys.account_id is null then 'unknown_account'
            when coalesce(raw_rows.known_line_type, '') not in ('recurring', 'services', 'credit') then 'invalid_value'
            when raw_rows.amount is null then 'invalid_value'
            when raw_rows.refunded_amount < 0 or raw_rows.amount_paid < 0 and raw_rows.amount >= 0
                then 'negative_amount'
            when currencies.currency is null then 'missing_exchange_rate'
            when greatest(abs(cast(raw_rows.amount as double)), cast(coalesce(raw_rows.refunded_amount, 0) as double))
                * currencies.highest_rate > {{ plausible_usd() }}
                then 'implausible_number'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and cast(raw_rows.issued_on as timestamp) >= account_keys.valid_from
        and cast(raw_rows.issued_on as timestamp) < account_keys.valid_to
    left join currencies
        on raw_rows.known_currency = currencies.currency

),

fates as (

    {{ row_fates(
        'checked',
        key=['invoice_id', 'line_id'],
        payload=['account_id', 'subscription_id', 'line_type', 'period_start', 'period_end', 'issued_on', 'due_on',
            'paid_on', 'amount', 'amount_paid', 'refunded_amount', 'refunded_on', 'voided_on', 'written_off_on',
            'credited_invoice_id', 'currency'],
        mutable=true,
        dated=['paid_on', 'refunded_on', 'voided_on', 'written_off_on'],
    ) }}

)

select * from fates
