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

    select
        *,
        coalesce(lead(min_score) over (partition by version order by min_score), 1000) as below_score
    from {{ ref('grades') }}

),

deciding_hits as (

    -- one rule decides: the highest priority, and a floor before a cap
    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        rule_hits.rule,
        rule_hits.effect,
        rule_hits.limit_points,
        row_number() over (
            partition by scores.account_id, scores.date_day, scores.scorecard
            order by rule_hits.priority desc, case rule_hits.effect when 'floor' then 0 else 1 end, rule_hits.rule
        ) as precedence
    from rule_hits
    inner join scores
        on rule_hits.account_id = scores.account_id
        and rule_hits.date_day = scores.date_day
        and (rule_hits.scorecard = scores.scorecard or rule_hits.scorecard = 'all')

),

ruled as (

    select
        scores.*,
        deciding_hits.rule as deciding_rule,
        case
            when scores.score_status = 'not_scored' then null
            when deciding_hits.effect = 'cap' then least(scores.health_score_before_rules, deciding_hits.limit_points)
            when deciding_hits.effect = 'floor' then greatest(scores.health_score_before_rules, deciding_hits.limit_points)
            else scores.health_score_before_rules
        end as health_score
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
