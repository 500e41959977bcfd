-- Grain: one row per account, day, scorecard, days_back (7, 28, 90), effect and metric: daily steps summed over the days up to
-- and including date_day.
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('fct_health_scores') }}

),

changes as (

    select * from {{ ref('fct_score_changes') }}

),

spans as (

    select 7 as days_back
    union all
    select 28 as days_back
    union all
    select 90 as days_back

),

final as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        spans.days_back,
        changes.effect,
        changes.metric,
        sum(changes.change_points) as change_points
    from scores
    cross join spans
    inner join changes
        on scores.account_id = changes.account_id
        and scores.scorecard = changes.scorecard
        and scores.date_day >= changes.date_day
        and changes.date_day > {{ add_days('scores.date_day', '-spans.days_back') }}
    group by 1, 2, 3, 4, 5, 6

)

select * from final
