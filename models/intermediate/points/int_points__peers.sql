-- Grain: one row per account, day and metric that is ranked among its peers.
-- Peers are the accounts of the same segment and tenure band on that day; where they are fewer than min_peers, those of
-- the segment, then all. Ties share the middle of their ranks, and an account without peers stands in the middle.
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

directions as (

    select
        metric,
        case when direction = 'lower_is_better' then -1 else 1 end as sign
    from {{ ref('metrics') }}

),

ranked as (

    select
        metric_benchmarks.account_id,
        metric_benchmarks.date_day,
        metric_benchmarks.metric,
        metric_benchmarks.segment,
        metric_benchmarks.tenure_band,
        metric_benchmarks.value,
        metric_benchmarks.value_status,
        metric_benchmarks.benchmark_method,
        metric_benchmarks.benchmark_version,
        metric_benchmarks.min_peers,
        directions.sign * metric_benchmarks.value as standing
    from metric_benchmarks
    inner join directions
        on metric_benchmarks.metric = directions.metric
    where {{ earns_points('metric_benchmarks.value_status') }}

),

bands as (

    select metric, date_day, segment, tenure_band, count(*) as peers
    from ranked
    group by 1, 2, 3, 4

),

group_sizes as (

    select
        *,
        sum(peers) over (partition by metric, date_day, segment) as segment_peers
    from bands

),

grouped as (

    select
        ranked.*,
        case
            when group_sizes.peers >= ranked.min_peers then 'band'
            when group_sizes.segment_peers >= ranked.min_peers then 'segment'
            else 'all'
        end as peer_group
    from ranked
    inner join group_sizes
        on ranked.metric = group_sizes.metric
        and ranked.date_day = group_sizes.date_day
        and coalesce(ranked.segment, '') = coalesce(group_sizes.segment, '')
        and ranked.tenure_band = group_sizes.tenure_band

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
        {{ middle_rank_percentile('metric, date_day, segment, tenure_band') }} as percentile,
        coalesce(segment, 'none') || '/' || tenure_band as benchmark_scope
    from grouped
    where peer_group = 'band'

),

by_segment as (

    select
        grouped.*,
        {{ middle_rank_percentile('grouped.metric, grouped.date_day, grouped.segment') }} as percentile,
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
        {{ middle_rank_percentile('grouped.metric, grouped.date_day') }} as percentile,
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
    where not {{ earns_points() }}

)

select * from final
