-- Grain: one row per subscription item and period in which one version of one of its rows is in force.
-- Periods are [starts_on, ends_on): what was known and valid at the end of each day in them.
with

versions as (

    select * from {{ ref('stg_billing__subscriptions') }}

),

next_rows as (

    -- a row left open is closed by the next row of its item: a plan change never counts twice
    select
        subscription_item_id,
        starts_on,
        lead(starts_on) over (partition by subscription_item_id order by starts_on) as next_starts_on
    from versions
    where version_number = 1

),

bounded as (

    select
        versions.subscription_item_id,
        versions.subscription_id,
        versions.account_id,
        versions.product,
        versions.billing_status,
        versions.seats,
        versions.mrr_usd,
        versions.currency,
        versions.mrr,
        versions.discount_pct,
        versions.term_starts_on,
        versions.term_ends_on,
        versions.auto_renews,
        versions.cancel_requested_on,
        versions.end_reason,
        greatest(versions.starts_on, versions.valid_from_on) as starts_on,
        least(
            coalesce(versions.ends_on, {{ open_end() }}),
            coalesce(next_rows.next_starts_on, {{ open_end() }}),
            versions.valid_to_on
        ) as ends_on
    from versions
    inner join next_rows
        on versions.subscription_item_id = next_rows.subscription_item_id
        and versions.starts_on = next_rows.starts_on

),

final as (

    select
        *,
        coalesce(mrr < 0, false) as is_discount_item,
        -- a discount is nothing that anybody has
        billing_status in ('paid', 'free', 'paused'{{ ", 'trial'" if var('include_trials') }})
        and not coalesce(mrr < 0, false) as is_customer_item
    from bounded
    where starts_on < ends_on

)

select * from final
