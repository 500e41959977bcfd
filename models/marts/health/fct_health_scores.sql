-- Grain: one row per account, day of the index and scorecard.
-- The confirmed grade is the latest grade of the day that was held on grade_confirm_days scored days in a row; the first
-- scored day and a rule set it at once; days without a score neither count nor break a run.
{{ config(
    materialized='incremental',
    incremental_strategy='day_range',
    layer='scores',
    tags=['what_if'],
    pre_hook='{{ join_as_written() }}',
    post_hook='{{ join_as_planned() }}',
) }}

with

ruled_scores as (

    select * from {{ ref('int_ruled_scores') }}
    where date_day >= {{ rebuild_from('scores') }}

),

-- one number instead of two names, and no column but those that decide, where all history has to be put in order
series as (

    select
        account_id,
        scorecard,
        max(date_day) as last_day,
        row_number() over (order by account_id, scorecard) as series_number
    from ruled_scores
    group by 1, 2

),

scores as (

    select
        ruled_scores.*,
        series.series_number
    from ruled_scores
    inner join series
        on ruled_scores.account_id = series.account_id
        and ruled_scores.scorecard = series.scorecard

),

{{ confirmation_steps() }}

overrides as (

    select * from {{ ref('int_override_periods') }}

),

overridden as (

    select
        scores.series_number,
        scores.date_day,
        overrides.override_grade,
        row_number() over (
            partition by scores.series_number, scores.date_day
            order by overrides.starts_on desc, overrides.override_id
        ) as precedence
    from scores
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
        cast(confirmed.last_raw_grade_days as integer) as last_raw_grade_days
    from scores
    inner join confirmed
        on scores.series_number = confirmed.series_number
        and scores.date_day = confirmed.date_day
    left join overridden
        on scores.series_number = overridden.series_number
        and scores.date_day = overridden.date_day
        and overridden.precedence = 1

)

select * from final
