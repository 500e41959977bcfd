-- Grain: one row per finding about a name that no seed lists: events, channels, priorities, kinds, segments.
{{ config(materialized='view') }}

with

event_days as (

    select * from {{ ref('int_product__event_days') }}

),

tickets as (

    select * from {{ ref('stg_support__tickets') }}
    where version_number = 1

),

engagements as (

    select * from {{ ref('stg_crm__engagements') }}
    where version_number = 1

),

accounts_today as (

    select * from {{ ref('stg_crm__accounts') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

event_names as (

    select
        {{ name_without_persons('event_name') }} as event_name,
        sum(events) as row_count,
        max(date_day) as last_seen_on
    from event_days
    where {{ is_in_none_of('event_name', ref('product_event_measures')) }}
    group by 1

),

unmapped_events as (

    select
        'unmapped_event' as finding,
        event_name as entity,
        {{ counted('row_count', 'event') }} || ' that no measure counts' as detail,
        last_seen_on as found_on
    from event_names

),

unknown_channels as (

    select
        'unknown_channel' as finding,
        {{ name_without_persons('channel') }} as entity,
        {{ counted('count(*)', 'ticket') }}
        || ' came in by a channel that support_channels.csv does not list' as detail,
        max(opened_on) as found_on
    from tickets
    where channel is not null
        and {{ is_in_none_of('channel', ref('support_channels')) }}
    group by 2

),

unknown_priorities as (

    select
        'unknown_priority' as finding,
        {{ name_without_persons('priority') }} as entity,
        {{ counted('count(*)', 'ticket') }} || ' with a priority that response_targets.csv does not list' as detail,
        max(opened_on) as found_on
    from tickets
    where {{ is_in_none_of('priority', ref('response_targets')) }}
    group by 2

),

unknown_kinds as (

    select
        'unknown_engagement_kind' as finding,
        {{ name_without_persons("coalesce(kind, '(none)')") }} as entity,
        {{ counted('count(*)', 'engagement') }} || ' of a kind that engagement_measures.csv does not list' as detail,
        max(occurred_on) as found_on
    from engagements
    where {{ is_in_none_of('kind', ref('engagement_measures')) }}
    group by 2

),

unknown_segments as (

    select
        'unknown_segment' as finding,
        segment as entity,
        {{ counted('count(*)', 'account') }} || ' in a segment that segments.csv does not list' as detail,
        {{ as_of_date() }} as found_on
    from accounts_today
    where segment is not null
        and {{ is_in_none_of('segment', ref('segments')) }}
    group by 2

),

final as (

    select * from unmapped_events
    union all
    select * from unknown_channels
    union all
    select * from unknown_priorities
    union all
    select * from unknown_kinds
    union all
    select * from unknown_segments

)

select * from final
