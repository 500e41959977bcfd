with events as (
    select
        date_day = {day} as is_today,
        sum(events) as events,
        coalesce(sum(events) filter (
            where event_name in (select event_name from configuration.product_event_measures)
        ), 0) as mapped_events
    from intermediate.int_product__event_days
    where date_day between {day} - {mapped_days} and {day}
    group by 1
),

shares as (
    select
        coalesce(sum(events) filter (where is_today), 0) as events_today,
        sum(mapped_events / events) filter (where is_today) as share_today,
        sum(mapped_events / events) filter (where not is_today) as share_before
    from events
)

select
    *,
    case when events_today >= {least_rows} then share_today / nullif(share_before, 0) end as kept
from shares
