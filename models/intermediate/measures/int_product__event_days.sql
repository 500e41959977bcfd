-- Grain: one row per account, user, event name and day with events.
-- The only step that reads single events; everything about the product is computed from here.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='product') }}

with

events as (

    select * from {{ ref('stg_product__usage_events') }}
    where occurred_on >= {{ rebuild_from('product') }}
        and occurred_on <= {{ as_of_date() }}

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
