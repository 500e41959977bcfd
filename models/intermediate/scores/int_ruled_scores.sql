-- Grain: one row per account, day of the index and scorecard: the score after rules, and its grade of the day.
{{ config(materialized='view', tags=['what_if']) }}

with

scores as (

    select * from {{ ref('int_scores') }}

),

rule_hits as (

    select * from {{ ref('int_score_rule_hits') }}

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
        ruled.scorecard_version,
        ruled.desired_outcome,
        ruled.is_primary,
        case when ruled.score_status <> 'not_scored' then {{ side_score('ruled', 'proactive') }} end as proactive_score,
        case when ruled.score_status <> 'not_scored' then {{ side_score('ruled', 'reactive') }} end as reactive_score,
        {{ side_coverage('ruled', 'proactive') }} as proactive_coverage,
        {{ side_coverage('ruled', 'reactive') }} as reactive_coverage,
        ruled.shown_score_before_rules as health_score_before_rules,
        ruled.health_score,
        ruled.score_coverage,
        ruled.score_status,
        ruled.rule_applied,
        ruled.raw_grade
    from ruled

)

select * from final
