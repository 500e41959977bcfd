-- Grain: one row per account, day and metric that is ranked among its peers.
-- Ties share the middle of their ranks, and an account without peers stands in the middle.
{{ config(materialized='view', tags=['what_if']) }}

with

metric_benchmarks as (

    select * from {{ ref('int_metric_benchmarks') }}
    where benchmark_method = 'peer_percentile'
        -- says the same, but before the benchmarks are looked up
        and metric in (
            select metric from {{ ref('benchmarks') }}
            where method = 'peer_percentile'
        )
        and date_day >= (select points_from_on from {{ ref('int_scoring_range') }})

),

grouped as (

    select * from {{ ref('int_peer_groups') }}

),

-- wider groups are ranked only on the days on which somebody falls back on them
needed_segments as (

    select distinct metric, date_day, coalesce(segment, '') as segment from grouped
    where peer_group = 'segment'

),

needed_days as (

    select distinct metric, date_day from grouped
    where peer_group = 'all'

),

by_band as (

    select
        *,
        {{ middle_rank_percentile('metric, date_day, segment, tenure_band', 'standing') }} as percentile,
        coalesce(segment, 'none') || '/' || tenure_band as benchmark_scope
    from grouped
    where peer_group = 'band'

),

by_segment as (

    select
        grouped.*,
        {{ middle_rank_percentile('grouped.metric, grouped.date_day, grouped.segment', 'grouped.standing') }}
            as percentile,
        coalesce(grouped.segment, 'none') || '/all' as benchmark_scope
    from grouped
    inner join needed_segments
        on grouped.metric = needed_segments.metric
        and grouped.date_day = needed_segments.date_day
        and coalesce(grouped.segment, '') = needed_segments.segment

),

by_day as (

    select
        grouped.*,
        {{ middle_rank_percentile('grouped.metric, grouped.date_day', 'grouped.standing') }} as percentile,
        'all/all' as benchmark_scope
    from grouped
    inner join needed_days
        on grouped.metric = needed_days.metric
        and grouped.date_day = needed_days.date_day

),

percentiles as (

    select * from by_band
    union all
    select * from by_segment
    where peer_group = 'segment'
    union all
    select * from by_day
    where peer_group = 'all'

),

final as (

    select
        account_id,
        date_day,
        metric,
        value,
        value_status,
        {{ normalise_points('percentile', 0, 1) }} as points,
        benchmark_method,
        benchmark_version,
        benchmark_scope
    from percentiles
    union all
    select
        account_id,
        date_day,
        metric,
        value,
        value_status,
        null as points,
        benchmark_method,
        benchmark_version,
        benchmark_scope
    from metric_benchmarks
    where not {{ earns_points('value_status') }}

)

select * from final
