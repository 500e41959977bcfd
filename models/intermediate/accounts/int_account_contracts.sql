-- Grain: one row per account and day on which anything about its contracts changes: the state from that day on.
with

periods as (

    select
        *,
        -- nobody pays the rest of a discount that is all but whole: at 99.9 % the list price is a thousand times the
        -- price, and beyond it would grow past all bounds; what rounds to all of it is all of it
        case when round(discount_pct, 2) >= 100 then 100 else least(discount_pct, 999e-1) end as stated_discount_pct
    from {{ ref('int_subscription_periods') }}

),

revenue as (

    select
        *,
        coalesce(lead(changed_on) over (partition by account_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_account_revenue') }}

),

change_days as (

    select account_id, changed_on from revenue
    union
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
        periods.stated_discount_pct,
        case
            when periods.is_discount_item or periods.is_customer_item and periods.stated_discount_pct < 100
                then periods.mrr_usd
        end as discounted_mrr_usd,
        -- exact, so that a sum does not depend on the order of its parts; of what is given away nobody knows the list
        -- price
        case
            when periods.stated_discount_pct < 100
                then cast(periods.mrr_usd / nullif(1 - periods.stated_discount_pct / 100, 0) as {{ money() }})
        end as list_mrr_usd,
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
        coalesce(sum(case when is_customer_item then seats end), 0) as seats,
        -- weighted by list price, discounts of their own included; where none is known, as the items say
        coalesce(
            100 * (1 - greatest(sum(discounted_mrr_usd), 0) / nullif(
                sum(case when is_customer_item then list_mrr_usd end), 0
            )),
            avg(case when is_customer_item then stated_discount_pct end),
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
        states.account_id,
        states.changed_on,
        case when revenue.account_id is null then 0 else revenue.mrr_usd end as mrr_usd,
        case when revenue.account_id is null then 0 else revenue.mrr_constant_usd end as mrr_constant_usd,
        states.seats,
        states.discount_pct,
        states.next_renewal_on,
        -- who asked to leave and left has not taken it back: the days of grace carry the request on
        coalesce({{ last_known('is_cancel_requested', 'states.account_id', 'states.changed_on') }}, 0)
            as is_cancel_requested,
        states.products,
        states.has_customer_item
    from states
    left join revenue
        on states.account_id = revenue.account_id
        and states.changed_on >= revenue.changed_on
        and states.changed_on < revenue.ends_on

)

select * from final
