-- Grain: one row per account, day, scorecard, days_back (7, 28, 90), effect and metric: daily steps summed over the
-- days up to and including date_day.
{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('int_health_scores') }}

),

changes as (

    select * from {{ ref('int_score_changes') }}

),

spans as (

    select 7 as days_back
    union all
    select 28 as days_back
    union all
    select 90 as days_back

),

ends as (

    -- joined to the steps in one go, so that engines take a filter on account or day to both sides
    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        spans.days_back,
        {{ add_days('scores.date_day', '-spans.days_back') }} as before_on
    from scores
    cross join spans

),

final as (

    select
        ends.account_id,
        ends.date_day,
        ends.scorecard,
        ends.days_back,
        changes.effect,
        changes.metric,
        sum(changes.change_points) as change_points
    from ends
    inner join changes
        on ends.account_id = changes.account_id
        and ends.scorecard = changes.scorecard
        and ends.date_day >= changes.date_day
        and ends.before_on < changes.date_day
    group by 1, 2, 3, 4, 5, 6

)

select * from final
