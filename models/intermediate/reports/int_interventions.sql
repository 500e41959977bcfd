-- Grain: one row per intervention or other proactive step, with what it met and what followed.
with

engagements as (

    select * from {{ ref('stg_crm__engagements') }}

),

engagement_measures as (

    select * from {{ ref('engagement_measures') }}
    -- passive check-ins are no step
    where not is_passive

),

scores as (

    select * from {{ ref('int_health_scores') }}
    where is_primary

),

journey_days as (

    select account_id, date_day, max(milestones_late) as milestones_late, min(days_ahead) as days_ahead
    from {{ ref('int_journey_days') }}
    group by 1, 2

),

steps as (

    select
        engagements.engagement_id,
        engagements.account_id,
        engagements.csm_id,
        engagements.kind,
        engagements.desired_outcome,
        engagements.status,
        engagements.occurred_on as opened_on,
        engagements.closed_on,
        engagements.disposition,
        engagements.disposition_on
    from engagements
    inner join engagement_measures
        on engagements.kind = engagement_measures.kind
    where engagements.valid_to_on = {{ open_end() }}
        and engagements.occurred_on <= {{ as_of_date() }}

),

final as (

    select
        steps.engagement_id,
        steps.account_id,
        steps.csm_id,
        steps.kind,
        steps.desired_outcome,
        steps.status,
        steps.opened_on,
        steps.closed_on,
        steps.disposition,
        steps.disposition_on,
        cast({{ dbt.date_trunc('quarter', 'steps.opened_on') }} as date) as quarter_starts_on,
        opened.grade as grade_when_opened,
        opened.grade not in ({{ grades_named('unhealthy_grades') }}) as is_before_unhealthy,
        opened.health_score as health_score_when_opened,
        after_30.health_score as health_score_after_30_days,
        after_90.health_score as health_score_after_90_days,
        cast(journey_opened.days_ahead as integer) as days_ahead_when_opened,
        cast(journey_30.days_ahead as integer) as days_ahead_after_30_days,
        cast(journey_90.days_ahead as integer) as days_ahead_after_90_days
    from steps
    left join scores as opened
        on steps.account_id = opened.account_id
        and steps.opened_on = opened.date_day
    left join scores as after_30
        on steps.account_id = after_30.account_id
        and after_30.date_day = {{ add_days('steps.opened_on', 30) }}
    left join scores as after_90
        on steps.account_id = after_90.account_id
        and after_90.date_day = {{ add_days('steps.opened_on', 90) }}
    left join journey_days as journey_opened
        on steps.account_id = journey_opened.account_id
        and steps.opened_on = journey_opened.date_day
    left join journey_days as journey_30
        on steps.account_id = journey_30.account_id
        and journey_30.date_day = {{ add_days('steps.opened_on', 30) }}
    left join journey_days as journey_90
        on steps.account_id = journey_90.account_id
        and journey_90.date_day = {{ add_days('steps.opened_on', 90) }}

)

select * from final
