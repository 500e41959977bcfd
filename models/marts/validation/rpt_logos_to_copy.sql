-- Grain: one row per desired outcome and account to imitate: customers who have what they came for, stayed, and are
-- healthy.
-- The criteria and milestones of an outcome are best drawn from them; an interview says what they did.
{% set shown_per_outcome = 10 %}
{% set proven_after_days = 365 %}

with

successes as (

    select * from {{ ref('int_account_success') }}
    where is_successful

),

customers as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}
        and grade in ({{ grades_named('healthy_grades') }})

),

renewals as (

    select
        account_id,
        count(*) as renewals
    from {{ ref('int_observed_outcomes') }}
    where outcome = 'renewed'
    group by 1

),

clusters as (

    select * from {{ ref('int_usage_clusters') }}
    where is_latest

),

interviews as (

    select
        account_id,
        desired_outcome,
        max(interview_on) as interview_on
    from {{ ref('int_outcome_interviews') }}
    group by 1, 2

),

candidates as (

    select
        successes.account_id,
        successes.desired_outcome,
        successes.criteria,
        successes.criteria_met,
        scores.health_score,
        scores.grade,
        customers.tenure_days,
        coalesce(renewals.renewals, 0) as renewals,
        interviews.interview_on,
        row_number() over (
            partition by successes.desired_outcome
            order by successes.criteria_met desc, scores.health_score desc nulls last, successes.account_id
        ) as place
    from successes
    inner join customers
        on successes.account_id = customers.account_id
    inner join scores
        on successes.account_id = scores.account_id
        and successes.desired_outcome = scores.desired_outcome
    left join renewals
        on successes.account_id = renewals.account_id
    left join interviews
        on successes.account_id = interviews.account_id
        and successes.desired_outcome = interviews.desired_outcome
    -- success that has not been paid for again may be a good start
    where coalesce(renewals.renewals, 0) > 0
        or customers.tenure_days >= {{ proven_after_days }}

),

final as (

    select
        candidates.desired_outcome,
        outcomes.label as outcome_label,
        cast(candidates.place as integer) as place,
        candidates.account_id,
        accounts.account_name,
        accounts.segment,
        candidates.health_score,
        candidates.grade,
        candidates.criteria,
        candidates.criteria_met,
        candidates.tenure_days,
        cast(candidates.renewals as integer) as renewals,
        cast(clusters.usage_cluster as integer) as usage_cluster,
        clusters.usage_cluster_name,
        candidates.interview_on
    from candidates
    inner join accounts
        on candidates.account_id = accounts.account_id
    left join outcomes
        on candidates.desired_outcome = outcomes.desired_outcome
    left join clusters
        on candidates.account_id = clusters.account_id
    where candidates.place <= {{ shown_per_outcome }}

)

select * from final
