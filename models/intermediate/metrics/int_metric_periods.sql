-- Grain: one row per metric and stretch of days in which its sources are the same: known or not, live or not.
-- The same for all accounts. Before the first row of a table, and where instrumentation.csv says so, a metric is not
-- instrumented; nor is it until the columns that it needs are filled, and its window is partial while it reaches back
-- to before that. While its source was live on too little of the window, it is stale.
with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

source_days as (

    select
        *,
        min(date_day) over (partition by raw_table) as first_day,
        sum(case when is_live then 1 else 0 end) over (
            partition by raw_table order by date_day
            rows between unbounded preceding and current row
        ) as live_days_so_far
    from {{ ref('int_source_days') }}

),

tracked as (

    select * from {{ ref('instrumentation') }}
    where account_id is null

),

instrumentation as (

    select * from {{ ref('int_measure_instrumentation') }}

),

-- a metric stands on the tables of its measure and of its denominator
metric_tables as (

    select
        metrics.metric,
        metrics.min_history_days,
        -- a state outlives a silent source and goes stale by its age; a last-seen day needs the source in its week
        case
            when measures.kind in ('state', 'date') then null
            else coalesce(metrics.window_days, 7)
        end as window_days,
        measures.measure,
        measures.raw_table,
        {{ days_looked_back('metrics', 'measures') }} as days_back,
        coalesce(instrumentation.instrumented_from_on, case
            when instrumentation.measure is null then {{ first_version_on() }}
            else {{ open_end() }}
        end) as instrumented_from_on,
        instrumentation.counts_from_on,
        coalesce(instrumentation.has_rows_before, false) as has_rows_before,
        count(*) over (partition by metrics.metric) as tables_needed
    from metrics
    inner join measures
        on metrics.measure = measures.measure
        or metrics.denominator_measure = measures.measure
    left join instrumentation
        on measures.measure = instrumentation.measure

),

table_days as (

    select
        metric_tables.metric,
        metric_tables.tables_needed,
        source_days.date_day,
        source_days.first_day as history_starts_on,
        case
            when metric_tables.has_rows_before then metric_tables.counts_from_on
            else source_days.first_day
        end as observable_from_on,
        metric_tables.has_rows_before
        and source_days.date_day < {{ add_days('metric_tables.counts_from_on', 'metric_tables.days_back') }}
            as is_partial,
        metric_tables.window_days is null
        or source_days.live_days_so_far - coalesce(earlier.live_days_so_far, 0)
        >= {{ var_as_double('liveness_window_share') }} * least(
            metric_tables.window_days,
            {{ days_between('source_days.first_day', 'source_days.date_day') }} + 1
        ) as is_live
    from metric_tables
    inner join source_days
        on metric_tables.raw_table = source_days.raw_table
    left join source_days as earlier
        on metric_tables.raw_table = earlier.raw_table
        and earlier.date_day = {{ add_days('source_days.date_day', '-metric_tables.window_days') }}
    where source_days.date_day >= metric_tables.instrumented_from_on
        and (
            not exists (
                select 1 from tracked
                where tracked.measure = metric_tables.measure
            )
            or exists (
                select 1 from tracked
                where tracked.measure = metric_tables.measure
                    and source_days.date_day >= coalesce(tracked.tracked_from_on, {{ first_version_on() }})
                    and source_days.date_day < coalesce(tracked.tracked_to_on, {{ open_end() }})
            )
        )

),

days as (

    select
        metric,
        date_day,
        max(history_starts_on) as history_starts_on,
        max(observable_from_on) as observable_from_on,
        bool_and(is_live) as is_live,
        bool_or(is_partial) as is_partial
    from table_days
    group by metric, date_day, tables_needed
    having count(*) = tables_needed

),

stretches as (

    select
        *,
        {{ day_number('date_day') }}
        - row_number() over (partition by metric, is_live, is_partial order by date_day) as stretch
    from days

),

final as (

    select
        metric,
        min(date_day) as period_starts_on,
        {{ add_days('max(date_day)', 1) }} as period_ends_on,
        min(history_starts_on) as history_starts_on,
        min(observable_from_on) as observable_from_on,
        is_live,
        is_partial
    from stretches
    group by metric, is_live, is_partial, stretch

)

select * from final
