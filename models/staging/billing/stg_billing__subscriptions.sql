-- Grain: one row per row of a subscription item (what was sold from a day on) and version.
with

staged as (

    select * from {{ ref('base_billing__subscriptions') }}
    where row_fate = 'staged'

),

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

renamed as (

    select
        staged.subscription_item_id,
        staged.subscription_id,
        staged.resolved_account_id as account_id,
        staged.product,
        staged.plan,
        staged.quantity as seats,
        -- at the rate of the month in which the row began: a row's MRR moves with the contract, not with the market
        cast(coalesce(staged.mrr, 0) * coalesce(exchange_rates.usd_per_unit, 1) as {{ money() }}) as mrr_usd,
        staged.currency,
        cast(coalesce(staged.mrr, 0) as {{ money() }}) as mrr,
        coalesce(staged.discount_pct, 0) as discount_pct,
        staged.billing_status,
        staged.term_ends_on,
        staged.auto_renews,
        {{ to_reporting_date('staged.cancel_requested_at') }} as cancel_requested_on,
        staged.valid_from as starts_on,
        staged.valid_to as ends_on,
        staged.change_type,
        staged.end_reason,
        staged.updated_at is null as is_undated_version,
        {{ version_columns(['subscription_item_id', 'staged.valid_from'], 'staged.valid_from') }}
    from staged
    left join exchange_rates
        on staged.currency = exchange_rates.currency
        and staged.valid_from >= exchange_rates.valid_from_on
        and staged.valid_from < exchange_rates.valid_to_on

)

select * from renamed
