-- Grain: one row per account, user, event name and day with events.
-- The only step that reads single events; everything about the product is computed from here.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='product') }}

with

events as (

    select * from {{ ref('stg_product__usage_events') }}
    where occurred_on >= {{ rebuild_from('product') }}
        and occurred_on <= {{ as_of_date() }}
        -- the same as a timestamp, with a day for the zone: the engine skips stored blocks by it, but not by a cast
        and occurred_at >= cast({{ add_days(rebuild_from('product'), -1) }} as timestamp)

),

final as (

    select
        account_id,
        coalesce(user_id, '') as user_id,
        event_name,
        occurred_on as date_day,
        count(*) as events,
        sum(quantity) as quantity
    from events
    group by 1, 2, 3, 4

)

select * from final
