-- Grain: one row per account, day of the index and scorecard.
-- The score after rules, the confirmed grade (int_confirmed_grades), and what somebody has judged otherwise.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores', tags=['what_if']) }}

with

scores as (

    select * from {{ ref('int_ruled_scores') }}
    where date_day >= {{ rebuild_from('scores') }}

),

confirmed as (

    select * from {{ ref('int_confirmed_grades') }}
    where date_day >= {{ rebuild_from('scores') }}

),

overrides as (

    select * from {{ ref('int_override_periods') }}

),

overridden as (

    select
        scores.account_id,
        scores.scorecard,
        scores.date_day,
        overrides.override_grade,
        row_number() over (
            partition by scores.account_id, scores.scorecard, scores.date_day
            order by overrides.starts_on desc, overrides.override_id
        ) as precedence
    from confirmed as scores
    inner join overrides
        on scores.account_id = overrides.account_id
        and scores.scorecard = coalesce(overrides.scorecard, scores.scorecard)
        and scores.date_day >= overrides.starts_on
        and scores.date_day < overrides.ends_on

),

final as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        scores.scorecard_version,
        scores.desired_outcome,
        scores.is_primary,
        scores.proactive_score,
        scores.reactive_score,
        scores.proactive_coverage,
        scores.reactive_coverage,
        scores.health_score_before_rules,
        scores.health_score,
        scores.score_coverage,
        scores.score_status,
        scores.rule_applied,
        scores.raw_grade,
        case when scores.raw_grade is not null then confirmed.last_grade end as grade,
        overridden.override_grade,
        confirmed.last_grade,
        confirmed.last_raw_grade,
        confirmed.last_raw_grade_days
    from scores
    inner join confirmed
        on scores.account_id = confirmed.account_id
        and scores.scorecard = confirmed.scorecard
        and scores.date_day = confirmed.date_day
    left join overridden
        on scores.account_id = overridden.account_id
        and scores.scorecard = overridden.scorecard
        and scores.date_day = overridden.date_day
        and overridden.precedence = 1

)

select * from final
