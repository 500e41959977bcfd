-- Grain: one row per intervention whose time is over: what came of it, beside what was to be expected.
{% set after_days = renewal_outcome_horizon() | int %}

with

spells as (

    select * from {{ ref('int_paid_spells') }}

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

interventions as (

    select
        interventions.engagement_id,
        interventions.account_id,
        interventions.csm_id,
        coalesce(csms.team, 'none') as team,
        interventions.opened_on,
        interventions.grade_when_opened,
        interventions.health_score_after_90_days - interventions.health_score_when_opened as score_change,
        spells.has_left and spells.ends_on <= {{ add_days('interventions.opened_on', after_days) }} as has_left
    from {{ ref('int_interventions') }} as interventions
    inner join spells
        on interventions.account_id = spells.account_id
        and interventions.opened_on >= spells.starts_on
        and interventions.opened_on < spells.ends_on
    left join csms
        on interventions.csm_id = csms.csm_id
    where interventions.kind = 'intervention'
        and {{ add_days('interventions.opened_on', after_days + var('grace_days')) }} <= {{ as_of_date() }}

),

grade_rates as (

    select bin as grade, outcome_rate from {{ ref('int_score_calibration') }}
    where scorecard = 'all'
        and outcome = 'churned'
        and horizon_days = {{ after_days }}
        and bin_kind = 'grade'

),

answers_near as (

    select
        interventions.engagement_id,
        responses.survey,
        responses.score,
        responses.responded_on < interventions.opened_on as is_before
    from interventions
    inner join {{ ref('stg_survey__responses') }} as responses
        on interventions.account_id = responses.account_id
        and responses.responded_on >= {{ add_days('interventions.opened_on', -after_days) }}
        and responses.responded_on < {{ add_days('interventions.opened_on', after_days) }}

),

answers as (

    select
        engagement_id,
        avg(case when survey = 'csat' and is_before then score end) as csat_before,
        avg(case when survey = 'csat' and not is_before then score end) as csat_after,
        avg(case when survey = 'ces' and is_before then score end) as ces_before,
        avg(case when survey = 'ces' and not is_before then score end) as ces_after
    from answers_near
    group by 1

),

tickets as (

    select
        interventions.engagement_id,
        sum(case when tickets.opened_on < interventions.opened_on then 1 else 0 end) as tickets_before,
        sum(case when tickets.opened_on >= interventions.opened_on then 1 else 0 end) as tickets_after
    from interventions
    inner join {{ ref('stg_support__tickets') }} as tickets
        on interventions.account_id = tickets.account_id
        and tickets.opened_on >= {{ add_days('interventions.opened_on', -after_days) }}
        and tickets.opened_on < {{ add_days('interventions.opened_on', after_days) }}
        and tickets.version_number = 1
    group by 1

),

final as (

    select
        interventions.*,
        case when interventions.has_left then 1e0 else 0e0 end as departure,
        grade_rates.outcome_rate as expected_departure,
        answers.csat_before,
        answers.csat_after,
        answers.ces_before,
        answers.ces_after,
        coalesce(tickets.tickets_before, 0) as tickets_before,
        coalesce(tickets.tickets_after, 0) as tickets_after
    from interventions
    left join grade_rates
        on interventions.grade_when_opened = grade_rates.grade
    left join answers
        on interventions.engagement_id = answers.engagement_id
    left join tickets
        on interventions.engagement_id = tickets.engagement_id

)

select * from final
