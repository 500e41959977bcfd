-- Grain: one row per account, day, scorecard and metric that any version of the scorecard weighs.
-- What int_score_drivers shows, and 0 for metrics that only another version weighs, so that two days can be compared
-- across versions. Stored, because comparing two days reads it twice.
{{ config(
    materialized='incremental',
    incremental_strategy='day_range',
    layer='scores',
    pre_hook='{{ join_as_written() }}',
    post_hook='{{ join_as_planned() }}',
) }}

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

final as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        ever_weighted.metric,
        metric_points.value,
        metric_points.points,
        {{ fingerprint(['metric_points.benchmark_version', 'metric_points.benchmark_scope']) }} as benchmark_row,
        metric_points.benchmark_method = 'peer_percentile' as is_rank_among_peers,
        case
            when weights.metric is null then 0
            else {{ effective_weight('weights.motion', 'weights.weight', 'metric_points.points') }}
        end as effective_weight
    -- the points are many times as many as the scores: they stream through, and the scores are looked up
    from metric_points
    inner join scores
        on metric_points.account_id = scores.account_id
        and metric_points.date_day = scores.date_day
    inner join ever_weighted
        on scores.scorecard = ever_weighted.scorecard
        and metric_points.metric = ever_weighted.metric
    left join weights
        on scores.scorecard = weights.scorecard
        and scores.scorecard_version = weights.scorecard_version
        and ever_weighted.metric = weights.metric

)

select * from final
