-- The stored effects of a day sum to the change of its score, to 1e-9; a score that appears or ends is one effect of
-- its whole size. Looks at the last 35 days, and at steps from one day to the next: all of history, and what happens
-- over a gap (the old score ends on the day of return), is proved on random companies instead.
{{ config(meta={'dagster': {'ref': {'name': 'int_score_changes'}}}) }}
{% set recent_days = 35 %}
{% set tolerance = '1e-9' %}

with

scores as (

    select
        account_id,
        date_day,
        scorecard,
        health_score
    from {{ ref('int_health_scores') }}
    where date_day >= {{ add_days(as_of_date(), -recent_days) }}

),

steps as (

    select
        today.account_id,
        today.date_day,
        today.scorecard,
        before.account_id is not null as has_day_before,
        before.health_score as health_score_before,
        today.health_score,
        coalesce(today.health_score, 0) - coalesce(before.health_score, 0) as change_points
    from scores as today
    left join scores as before
        on today.account_id = before.account_id
        and today.scorecard = before.scorecard
        and today.date_day = {{ add_days('before.date_day', 1) }}

),

effects as (

    select
        account_id,
        date_day,
        scorecard,
        sum(change_points) as change_points,
        sum(case when effect in ('score_appeared', 'score_ended') then 1 else 0 end) as whole_score_effects,
        count(*) as effects
    from {{ ref('int_score_changes') }}
    where date_day > {{ add_days(as_of_date(), -recent_days) }}
    group by 1, 2, 3

),

recent_steps as (

    select * from steps
    where date_day > {{ add_days(as_of_date(), -recent_days) }}

),

judged as (

    select
        coalesce(recent_steps.account_id, effects.account_id) as account_id,
        coalesce(recent_steps.date_day, effects.date_day) as date_day,
        coalesce(recent_steps.scorecard, effects.scorecard) as scorecard,
        recent_steps.health_score_before,
        recent_steps.health_score,
        case
            when recent_steps.account_id is null then 'effects on a day without a score row'
            when not recent_steps.has_day_before then null
            when abs(recent_steps.change_points - coalesce(effects.change_points, 0)) > {{ tolerance }}
                then 'effects sum to ' || cast(coalesce(effects.change_points, 0) as {{ dbt.type_string() }})
                    || ', the score changed by ' || cast(recent_steps.change_points as {{ dbt.type_string() }})
            when effects.whole_score_effects > 0 and effects.effects > 1
                then 'a score that appears or ends is one effect, not several'
        end as problem
    from recent_steps
    full outer join effects
        on recent_steps.account_id = effects.account_id
        and recent_steps.date_day = effects.date_day
        and recent_steps.scorecard = effects.scorecard

)

select * from judged
where problem is not null
