-- Grain: one row per account, day of the index and challenger that stands beside the account's champion.
-- The formulas are those of the scores in force. The grade is that of the day: nobody acts on it, so it is not confirmed.
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

    select * from {{ ref('int_challenger_assignments') }}

),

rule_hits as (

    select * from {{ ref('int_score_rule_hits') }}
    where date_day >= {{ rebuild_from('scores') }}

),

grades as (

    {{ grades_by_score() | indent(4) }}

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
        weights.motion,
        weights.weight
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
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        desired_outcome,
        champion_scorecard,
        is_primary,
        {{ side_sums() }}
    from weighted
    group by 1, 2, 3, 4, 5, 6, 7

),

scores as (

    select
        *,
        {{ score_coverage() }} as score_coverage,
        {{ score_status() }} as score_status,
        {{ weighted_score() }} as health_score_before_rules
    from sides

),

deciding_hits as (

    {{ deciding_rules('scores', 'rule_hits') | indent(4) }}

),

ruled as (

    select
        scores.*,
        deciding_hits.rule as deciding_rule,
        {{ score_after_rule('scores', 'deciding_hits') | indent(8) }} as health_score
    from scores
    left join deciding_hits
        on scores.account_id = deciding_hits.account_id
        and scores.date_day = deciding_hits.date_day
        and scores.scorecard = deciding_hits.scorecard
        and scores.scorecard_version = deciding_hits.scorecard_version
        and deciding_hits.precedence = 1

),

final as (

    select
        ruled.account_id,
        ruled.date_day,
        ruled.scorecard,
        cast(ruled.scorecard_version as integer) as scorecard_version,
        ruled.desired_outcome,
        ruled.champion_scorecard,
        ruled.is_primary,
        case when ruled.score_status <> 'not_scored' then {{ side_score('proactive') }} end as proactive_score,
        case when ruled.score_status <> 'not_scored' then {{ side_score('reactive') }} end as reactive_score,
        case when ruled.score_status <> 'not_scored' then ruled.health_score_before_rules end as health_score_before_rules,
        ruled.health_score,
        ruled.score_coverage,
        ruled.score_status,
        case when ruled.health_score <> ruled.health_score_before_rules then ruled.deciding_rule end as rule_applied,
        grades.grade as raw_grade
    from ruled
    left join grades
        on ruled.health_score >= grades.min_score
        and ruled.health_score < grades.below_score
        and ruled.date_day >= grades.effective_from
        and ruled.date_day < coalesce(grades.effective_to, {{ open_end() }})

)

select * from final
