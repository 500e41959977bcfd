-- Grain: one row per account, day, scorecard and weighted metric.
-- A view: the shares are stored with the score, so every driver of all history can be recomputed by hand.
{{ config(materialized='view', tags=['what_if']) }}

with

metric_points as (

    select * from {{ ref('int_metric_points') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

weighted as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        scores.scorecard_version,
        weights.component,
        weights.motion,
        weights.metric,
        metric_points.value_status,
        metric_points.points,
        cast(weights.weight as double) as weight,
        case
            when scores.score_status <> 'not_scored'
                then {{ effective_weight('scores', 'weights.motion', 'weights.weight', 'metric_points.points') }}
        end as effective_weight
    from scores
    inner join weights
        on scores.scorecard = weights.scorecard
        and scores.scorecard_version = weights.scorecard_version
    inner join metric_points
        on scores.account_id = metric_points.account_id
        and scores.date_day = metric_points.date_day
        and weights.metric = metric_points.metric

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        component,
        motion,
        metric,
        value_status,
        points,
        weight,
        effective_weight,
        case when effective_weight is not null then effective_weight * coalesce(points, 0) end as contribution,
        case when effective_weight is not null then effective_weight * (100 - coalesce(points, 100)) end as loss
    from weighted

)

select * from final
