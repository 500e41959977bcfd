-- A score can be recomputed by hand from what is stored: effective weights sum to 1, contributions to the score before
-- rules, and every account-day of the index has its scores, no other day has one.
-- Looks at the last seven days, twice the look-back: drivers are a multiple of the index, and all of history is proved
-- on random companies instead.
{{ config(meta={'dagster': {'ref': {'name': 'int_health_scores'}}}) }}
{% set recent_days = 7 %}
{% set tolerance = '1e-9' %}

with

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day > {{ add_days(as_of_date(), -recent_days) }}

),

driver_sums as (

    select
        account_id,
        date_day,
        scorecard,
        sum(effective_weight) as effective_weight,
        sum(contribution) as contribution,
        sum(loss) as loss
    from {{ ref('int_score_drivers') }}
    where date_day > {{ add_days(as_of_date(), -recent_days) }}
    group by 1, 2, 3

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where date_day > {{ add_days(as_of_date(), -recent_days) }}

),

assignments as (

    select * from {{ ref('int_scorecard_assignments') }}

),

assigned_days as (

    select
        account_days.account_id,
        account_days.date_day,
        assignments.scorecard
    from account_days
    inner join assignments
        on account_days.account_id = assignments.account_id
        and account_days.date_day >= assignments.assigned_from_on
        and account_days.date_day < assignments.assigned_to_on

),

judged as (

    select
        coalesce(assigned_days.account_id, scores.account_id) as account_id,
        coalesce(assigned_days.date_day, scores.date_day) as date_day,
        coalesce(assigned_days.scorecard, scores.scorecard) as scorecard,
        case
            when assigned_days.account_id is null then 'scored on a day outside the index'
            when scores.account_id is null then 'in the index, but without a score row'
            when scores.score_status = 'not_scored' and scores.health_score is not null
                then 'not_scored, but shows a score'
            when scores.score_status <> 'not_scored' and (scores.health_score is null or scores.grade is null)
                then 'scored, but without a score or a grade'
            when not coalesce(scores.health_score between 0 and 100, true)
                or not coalesce(scores.score_coverage between 0 and 1, true) then 'score or coverage out of range'
            when scores.score_status <> 'not_scored'
                and not coalesce(abs(driver_sums.effective_weight - 1) <= {{ tolerance }}, false)
                then 'effective weights sum to '
                    || coalesce(cast(driver_sums.effective_weight as {{ dbt.type_string() }}), 'nothing')
            when scores.score_status <> 'not_scored'
                and not abs(driver_sums.contribution - scores.health_score_before_rules) <= {{ tolerance }}
                then 'contributions sum to ' || cast(driver_sums.contribution as {{ dbt.type_string() }})
            when scores.score_status <> 'not_scored'
                and not abs(driver_sums.contribution + driver_sums.loss - 100) <= {{ tolerance }}
                then 'contributions and losses do not sum to 100'
            when scores.rule_applied is null and scores.health_score <> scores.health_score_before_rules
                then 'moved by no rule'
        end as problem,
        scores.health_score_before_rules,
        scores.health_score
    from assigned_days
    full outer join scores
        on assigned_days.account_id = scores.account_id
        and assigned_days.date_day = scores.date_day
        and assigned_days.scorecard = scores.scorecard
    left join driver_sums
        on scores.account_id = driver_sums.account_id
        and scores.date_day = driver_sums.date_day
        and scores.scorecard = driver_sums.scorecard

)

select * from judged
where problem is not null
