-- Grain: one row per account, day of the index and scorecard: the score after rules, and its grade of the day.
{{ config(materialized='view', tags=['what_if']) }}

with

scores as (

    select * from {{ ref('int_scores') }}

),

rule_hits as (

    select * from {{ ref('int_score_rule_hits') }}

),

{{ rule_steps('scores', 'rule_hits') }},

final as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        case when score_status <> 'not_scored' then {{ side_score('proactive') }} end as proactive_score,
        case when score_status <> 'not_scored' then {{ side_score('reactive') }} end as reactive_score,
        {{ side_coverage('proactive') }} as proactive_coverage,
        {{ side_coverage('reactive') }} as reactive_coverage,
        shown_score_before_rules as health_score_before_rules,
        health_score,
        score_coverage,
        score_status,
        rule_applied,
        raw_grade
    from ruled

)

select * from final
