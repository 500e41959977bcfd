-- Grain: one row per account, rebuilt day and scorecard: both ends of the step from the row before to this day.
-- Only rebuilt days have steps here; the last row before them, however old, is all that they need of the past.
{{ config(materialized='view') }}

with

scoring_range as (

    select scores_from_on from {{ ref('int_scoring_range') }}

),

scores as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        health_score,
        health_score_before_rules
    from {{ ref('int_health_scores') }}

),

last_days_before as (

    select
        account_id,
        scorecard,
        max(date_day) as date_day
    from scores
    where date_day < (select scores_from_on from scoring_range)
    group by 1, 2

),

ends as (

    select * from scores
    where date_day >= (select scores_from_on from scoring_range)
    union all
    select scores.*
    from scores
    inner join last_days_before
        on scores.account_id = last_days_before.account_id
        and scores.scorecard = last_days_before.scorecard
        and scores.date_day = last_days_before.date_day

),

steps as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        health_score,
        health_score_before_rules,
        lag(date_day) over in_order = {{ add_days('date_day', -1) }} as has_day_before,
        lag(scorecard_version) over in_order as previous_scorecard_version,
        lag(health_score) over in_order as previous_health_score,
        lag(health_score_before_rules) over in_order as previous_health_score_before_rules
    from ends
    window in_order as (partition by account_id, scorecard order by date_day)

),

final as (

    select * from steps
    where date_day >= (select scores_from_on from scoring_range)

)

select * from final
