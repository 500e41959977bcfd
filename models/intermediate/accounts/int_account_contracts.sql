-- Grain: one row per account and day on which anything about its contracts changes: the state from that day on.
with

periods as (

    select * from {{ ref('int_subscription_periods') }}

),

change_days as (

    select account_id, starts_on as changed_on from periods
    union
    select account_id, ends_on as changed_on from periods
    union
    select account_id, cancel_requested_on as changed_on from periods
    where cancel_requested_on > starts_on
        and cancel_requested_on < ends_on

),

in_force as (

    select
        change_days.account_id,
        change_days.changed_on,
        periods.product,
        periods.seats,
        periods.mrr_usd,
        -- exact, so that a sum does not depend on the order of its parts
        -- nobody pays the rest of a discount that is all but whole: at 99.9 % the list price is a thousand times the
        -- price, and beyond it would grow past all bounds
        cast(
            periods.mrr_usd / nullif(1 - least(periods.discount_pct, 999e-1) / 100, 0) as {{ money() }}
        ) as list_mrr_usd,
        periods.term_ends_on,
        periods.cancel_requested_on,
        periods.is_customer_item
    from change_days
    left join periods
        on change_days.account_id = periods.account_id
        and change_days.changed_on >= periods.starts_on
        and change_days.changed_on < periods.ends_on
    where change_days.changed_on <= {{ as_of_date() }}

),

states as (

    select
        account_id,
        changed_on,
        coalesce(sum(case when is_customer_item then mrr_usd end), 0) as mrr_usd,
        coalesce(sum(case when is_customer_item then seats end), 0) as seats,
        -- weighted by list price; where nothing is paid there is nothing to discount
        coalesce(
            100 * (1 - sum(case when is_customer_item then mrr_usd end) / nullif(
                sum(case when is_customer_item then list_mrr_usd end), 0
            )),
            0
        ) as discount_pct,
        min(case when is_customer_item then term_ends_on end) as next_renewal_on,
        max(case when is_customer_item then case when cancel_requested_on <= changed_on then 1 else 0 end end)
            as is_cancel_requested,
        {{ sorted_list('case when is_customer_item then product end') }} as products,
        coalesce(bool_or(is_customer_item), false) as has_customer_item
    from in_force
    group by 1, 2

),

final as (

    select
        account_id,
        changed_on,
        mrr_usd,
        seats,
        discount_pct,
        next_renewal_on,
        -- who asked to leave and left has not taken it back: the days of grace carry the request on
        coalesce({{ last_known('is_cancel_requested', 'account_id', 'changed_on') }}, 0) as is_cancel_requested,
        products,
        has_customer_item
    from states

)

select * from final
