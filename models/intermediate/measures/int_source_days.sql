-- Grain: one row per raw table and day since its first row: how many rows, and whether the source was live.
-- A source is live when its rows reach liveness_share of the median of that weekday in the eight weeks before: an
-- outage is not inactivity. Only past days are asked, so that a day's verdict never changes with the future. One or two
-- weeks make no habit: a source that begins with a bulk of old rows is not silent in the week after.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

counts as (

    select raw_table, date_day, row_count from {{ ref('int_source_counts') }}
    union all
    select 'usage_events' as raw_table, date_day, sum(events) as row_count
    from {{ ref('int_product__event_days') }}
    group by 1, 2

),

calendar as (

    select
        raw_table,
        {{ each_day('min(date_day)', as_of_date()) }} as date_day
    from counts
    group by 1

),

daily as (

    select
        calendar.raw_table,
        calendar.date_day,
        coalesce(counts.row_count, 0) as row_count
    from calendar
    left join counts
        on calendar.raw_table = counts.raw_table
        and calendar.date_day = counts.date_day

),

typical as (

    -- each day is met eight times, however long the calendar is
    select
        daily.raw_table,
        daily.date_day,
        {{ median('earlier.row_count') }} as typical_row_count,
        count(*) as weeks
    from daily
    cross join (
        {% for week in range(1, 9) -%}
        select {{ 7 * week }} as days{{ ' union all' if not loop.last }}
        {% endfor -%}
    ) as weeks_back
    inner join daily as earlier
        on daily.raw_table = earlier.raw_table
        and earlier.date_day = {{ add_days('daily.date_day', '-weeks_back.days') }}
    group by 1, 2

),

final as (

    select
        daily.raw_table,
        daily.date_day,
        cast(daily.row_count as bigint) as row_count,
        cast(typical.typical_row_count as double) as typical_row_count,
        coalesce(
            typical.weeks < 3
            or typical.typical_row_count < {{ var('liveness_min_rows') }}
            or daily.row_count >= {{ var_as_double('liveness_share') }} * typical.typical_row_count,
            true
        ) as is_live
    from daily
    left join typical
        on daily.raw_table = typical.raw_table
        and daily.date_day = typical.date_day

)

select * from final
