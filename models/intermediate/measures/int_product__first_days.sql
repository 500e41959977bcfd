-- Grain: one row per account (empty: all of them) and first day on which its events told something: any event at all,
-- one with a user, one that the mapping knows, one that a measure counts. Kept, and completed with the days that a
-- build computes anyway: no night looks through all events for it.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='product', day_column='first_on') }}

with

event_days as {{ compute_once() }} (

    select * from {{ ref('int_product__event_days') }}
    where date_day >= {{ rebuild_from('product') }}

),

mapped_events as (

    select distinct event_name, measure from {{ ref('product_event_measures') }}

),

known_before as (

    {% if is_incremental() -%}
    select account_id, told from {{ this }}
    where first_on < {{ rebuild_from('product') }}
    {%- else -%}
    select cast(null as {{ dbt.type_string() }}) as account_id, cast(null as {{ dbt.type_string() }}) as told
    where false
    {%- endif %}

),

first_days as (

    select account_id, 'event_id' as told, min(date_day) as first_on from event_days
    group by 1
    union all
    select account_id, 'user_id' as told, min(date_day) as first_on from event_days
    where user_id <> ''
    group by 1
    union all
    select event_days.account_id, 'event_name' as told, min(event_days.date_day) as first_on
    from event_days
    inner join (select distinct event_name from mapped_events) as mapped
        on event_days.event_name = mapped.event_name
    group by 1
    union all
    select '' as account_id, mapped_events.measure as told, min(event_days.date_day) as first_on
    from event_days
    inner join mapped_events
        on event_days.event_name = mapped_events.event_name
    group by 2

),

final as (

    select first_days.*
    from first_days
    left join known_before
        on first_days.account_id = known_before.account_id
        and first_days.told = known_before.told
    where known_before.told is null

)

select * from final
