-- Grain: one row per account, day of the index and challenger that stands beside the account's champion.
-- The formulas are those of the scores in force. The grade is that of the day: nobody acts on it, so it is not
-- confirmed.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day >= {{ rebuild_from('scores') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

assignments as (

    select * from {{ ref('int_challenger_assignments') }}

),

rule_hits as (

    select * from {{ ref('int_score_rule_hits') }}
    where date_day >= {{ rebuild_from('scores') }}

),

weighted as (

    select
        assignments.scorecard,
        assignments.scorecard_version,
        assignments.desired_outcome,
        assignments.champion_scorecard,
        assignments.is_primary,
        metric_points.account_id,
        metric_points.date_day,
        metric_points.value_status,
        metric_points.points,
        {{ side_units('weights') }}
    from assignments
    inner join weights
        on assignments.scorecard = weights.scorecard
        and assignments.scorecard_version = weights.scorecard_version
    inner join metric_points
        on assignments.account_id = metric_points.account_id
        and assignments.assigned_from_on <= metric_points.date_day
        and assignments.assigned_to_on > metric_points.date_day
        and weights.metric = metric_points.metric

),

sides as (

    select
        weighted.account_id,
        weighted.date_day,
        weighted.scorecard,
        weighted.scorecard_version,
        weighted.desired_outcome,
        weighted.champion_scorecard,
        weighted.is_primary,
        {{ side_sums('weighted') }}
    from weighted
    group by 1, 2, 3, 4, 5, 6, 7

),

scores as (

    select
        *,
        {{ score_coverage('sides') }} as score_coverage,
        {{ score_status('sides') }} as score_status,
        {{ weighted_score('sides') }} as health_score_before_rules
    from sides

),

grades as (

    select * from {{ ref('grades') }}

),

ruled as (

    {{ ruled_scores('scores', 'rule_hits', 'grades') }}

),

final as (

    select
        ruled.account_id,
        ruled.date_day,
        ruled.scorecard,
        cast(scorecard_version as integer) as scorecard_version,
        ruled.desired_outcome,
        ruled.champion_scorecard,
        ruled.is_primary,
        case when ruled.score_status <> 'not_scored' then {{ side_score('ruled', 'proactive') }} end as proactive_score,
        case when ruled.score_status <> 'not_scored' then {{ side_score('ruled', 'reactive') }} end as reactive_score,
        ruled.shown_score_before_rules as health_score_before_rules,
        ruled.health_score,
        ruled.score_coverage,
        ruled.score_status,
        ruled.rule_applied,
        ruled.raw_grade
    from ruled

)

select * from final
