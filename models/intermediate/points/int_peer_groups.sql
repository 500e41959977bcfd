-- Grain: one row per account, day and metric that is ranked among its peers, with the group that it is ranked in.
-- Peers are the accounts of the same segment and tenure band on that day; where they are fewer than min_peers, those of
-- the segment, then all.
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

final as (

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

)

select * from final
