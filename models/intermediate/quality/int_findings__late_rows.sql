-- Grain: one row per raw table that received rows later than the look-back.
-- A table itself tells what is late: a row is, if an earlier load had already brought days more than lookback_days
-- after it. So neither a first load of history nor data that is old as a whole is late, and what is loaded on one day
-- is one load. Copies that a source sends again are not late, and neither is a change without updated_at: it counts
-- from its load.
{{ config(materialized='view') }}

with

raw_events as (

    {{ raw_rows('usage_events') }}

),

arrivals as (

    select
        'usage_events' as raw_table,
        cast(loaded_at as date) as loaded_on,
        {{ event_day('occurred_at') }} as happened_on,
        count(*) as row_count
    from raw_events
    group by 2, 3
    union all
    -- taken off again: the few events that are copies or in quarantine
    select
        'usage_events' as raw_table,
        cast(loaded_at as date) as loaded_on,
        retried_from_on as happened_on,
        -count(*) as row_count
    from {{ ref('base_product__unused_events') }}
    group by 2, 3
    union all
    select raw_table, loaded_on, happened_on, row_count from {{ ref('int_row_arrivals') }}

),

staged_arrivals as (

    select
        raw_table,
        loaded_on,
        happened_on,
        sum(row_count) as row_count
    from arrivals
    group by 1, 2, 3
    having sum(row_count) > 0

),

loads as (

    select
        raw_table,
        loaded_on,
        max(max(happened_on)) over (
            partition by raw_table order by loaded_on nulls last
            rows between unbounded preceding and 1 preceding
        ) as known_until_on
    from staged_arrivals
    group by 1, 2

),

late as (

    select
        staged_arrivals.raw_table,
        sum(staged_arrivals.row_count) as row_count,
        min(staged_arrivals.happened_on) as oldest_on,
        max(staged_arrivals.loaded_on) as last_loaded_on
    from staged_arrivals
    inner join loads
        on staged_arrivals.raw_table = loads.raw_table
        and staged_arrivals.loaded_on = loads.loaded_on
    where staged_arrivals.happened_on < {{ add_days('loads.known_until_on', -var('lookback_days')) }}
    group by 1

),

final as (

    select
        'late_rows_beyond_lookback' as finding,
        raw_table as entity,
        {{ counted('row_count', 'row') }}
        || ' arrived more than {{ var('lookback_days') }} days after later ones, the oldest of '
        || cast(oldest_on as {{ dbt.type_string() }}) as detail,
        last_loaded_on as found_on
    from late

)

select * from final
