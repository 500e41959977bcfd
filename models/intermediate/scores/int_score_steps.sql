-- Grain: one row per account, day and scorecard: both ends of the step from the day before to this day.
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('fct_health_scores') }}

),

final as (

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
    from scores
    window in_order as (partition by account_id, scorecard order by date_day)

)

select * from final
