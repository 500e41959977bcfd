-- Grain: one row per account, day, scorecard and metric that any version of the scorecard weighs.
-- What int_score_drivers shows, and 0 for metrics that only another version weighs, so that two days can be compared
-- across versions. Stored, because comparing two days reads it twice.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

scores as (

    select * from {{ ref('int_scores') }}
    where date_day >= {{ rebuild_from('scores') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day >= {{ rebuild_from('scores') }}

),

ever_weighted as (

    select distinct scorecard, metric from weights

),

versions as (

    select distinct scorecard, scorecard_version from weights

),

-- put together before the join, so that what is joined are the many points, the scores and one small table: given two
-- small ones, the engine first multiplies the scores by them, and keeps the result in memory
weighed as (

    select
        versions.scorecard,
        versions.scorecard_version,
        ever_weighted.metric,
        weights.motion,
        weights.weight
    from versions
    inner join ever_weighted
        on versions.scorecard = ever_weighted.scorecard
    left join weights
        on versions.scorecard = weights.scorecard
        and versions.scorecard_version = weights.scorecard_version
        and ever_weighted.metric = weights.metric

),

final as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        weighed.metric,
        metric_points.value,
        metric_points.points,
        {{ fingerprint(['metric_points.benchmark_version', 'metric_points.benchmark_scope']) }} as benchmark_row,
        metric_points.benchmark_method = 'peer_percentile' as is_rank_among_peers,
        case
            when weighed.weight is null then 0
            else {{ effective_weight('scores', 'weighed.motion', 'weighed.weight', 'metric_points.points') }}
        end as effective_weight
    from metric_points
    inner join scores
        on metric_points.account_id = scores.account_id
        and metric_points.date_day = scores.date_day
    inner join weighed
        on scores.scorecard = weighed.scorecard
        and scores.scorecard_version = weighed.scorecard_version
        and metric_points.metric = weighed.metric

)

select * from final
