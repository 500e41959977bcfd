-- Grain: one row per account, day of the index and scorecard: the score after rules, and its grade of the day.
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('int_scores') }}

),

rule_hits as (

    select * from {{ ref('int_score_rule_hits') }}

),

grades as (

    {{ grades_by_score() | indent(4) }}

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
        and deciding_hits.precedence = 1

),

final as (

    select
        ruled.account_id,
        ruled.date_day,
        ruled.scorecard,
        ruled.scorecard_version,
        ruled.desired_outcome,
        ruled.is_primary,
        case when ruled.score_status <> 'not_scored' then {{ side_score('proactive') }} end as proactive_score,
        case when ruled.score_status <> 'not_scored' then {{ side_score('reactive') }} end as reactive_score,
        {{ side_coverage('proactive') }} as proactive_coverage,
        {{ side_coverage('reactive') }} as reactive_coverage,
        case when ruled.score_status <> 'not_scored' then ruled.health_score_before_rules end as health_score_before_rules,
        ruled.health_score,
        ruled.score_coverage,
        ruled.score_status,
        -- a rule that would not have moved the score has not been applied
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
