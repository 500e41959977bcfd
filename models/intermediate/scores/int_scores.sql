-- Grain: one row per account, day of the index and scorecard: the score before rules, and the sides that it rests on.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

metric_points as (

    select * from {{ ref('fct_metric_points') }}
    where date_day >= {{ rebuild_from('scores') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

assignments as (

    select * from {{ ref('int_scorecard_assignments') }}

),

weighted as (

    select
        metric_points.account_id,
        metric_points.date_day,
        metric_points.value_status,
        metric_points.points,
        assignments.scorecard,
        assignments.scorecard_version,
        assignments.desired_outcome,
        assignments.is_primary,
        weights.motion,
        weights.weight
    from metric_points
    inner join assignments
        on metric_points.account_id = assignments.account_id
        and metric_points.date_day >= assignments.assigned_from_on
        and metric_points.date_day < assignments.assigned_to_on
    inner join weights
        on assignments.scorecard = weights.scorecard
        and assignments.scorecard_version = weights.scorecard_version
        and metric_points.metric = weights.metric

),

sides as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        {{ side_sums() }}
    from weighted
    group by 1, 2, 3, 4, 5, 6

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        proactive_applicable_weight,
        proactive_earned_weight,
        proactive_weighted_points,
        reactive_applicable_weight,
        reactive_earned_weight,
        reactive_weighted_points,
        {{ side_share('proactive') }} as proactive_share,
        {{ side_share('reactive') }} as reactive_share,
        {{ score_coverage() }} as score_coverage,
        {{ score_status() }} as score_status,
        {{ weighted_score() }} as health_score_before_rules
    from sides

)

select * from final
