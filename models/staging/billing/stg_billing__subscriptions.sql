-- Grain: one row per row of a subscription item (what was sold from a day on) and version.
with

staged as (

    select
        *,
        -- a price without an amount (metered, by tiers) is not known; what is not paid for costs nothing
        case when known_billing_status = 'paid' then mrr else coalesce(mrr, 0) end as known_mrr
    from {{ ref('base_billing__subscriptions') }}
    where row_fate = 'staged'

),

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

{% set key = ['subscription_item_id', 'staged.valid_from'] %}

renamed as (

    select
        staged.subscription_item_id,
        staged.subscription_id,
        staged.resolved_account_id as account_id,
        staged.product,
        staged.plan,
        staged.quantity as seats,
        -- at the rate of the month in which the row began: a row's MRR moves with the contract, not with the market
        cast(staged.known_mrr * coalesce(exchange_rates.usd_per_unit, 1) as {{ money() }}) as mrr_usd,
        staged.known_currency as currency,
        cast(staged.known_mrr as {{ money() }}) as mrr,
        staged.known_mrr is not null as has_mrr,
        coalesce(staged.discount_pct, 0) as discount_pct,
        staged.discount_pct is not null as has_discount_pct,
        staged.known_billing_status as billing_status,
        staged.term_starts_on,
        staged.term_ends_on,
        staged.auto_renews,
        {{ to_reporting_date(known_later(key, 'cancel_requested_at')) }} as cancel_requested_on,
        staged.valid_from as starts_on,
        {{ known_later(key, 'staged.valid_to') }} as ends_on,
        staged.known_change_type as change_type,
        {{ known_later(key, 'staged.valid_to', 'staged.known_end_reason') }} as end_reason,
        {{ version_columns(key, 'staged.valid_from') }}
    from staged
    left join exchange_rates
        on staged.known_currency = exchange_rates.currency
        and staged.valid_from >= exchange_rates.valid_from_on
        and staged.valid_from < exchange_rates.valid_to_on

)

select * from renamed
