-- Grain: one row per CSM, team and all of them together: customers before and after an intervention.
-- Departures are set beside what the grades on the day of the intervention would have let expect: who steps in where it
-- burns must not look worse for it. Groups with few interventions show no figures.
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

described as (

    select
        interventions.*,
        case when interventions.has_left then 1.0 else 0.0 end as departure,
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

),

levels as (

    select 'all' as level_name, 'all' as group_id, * from described
    union all
    select 'team' as level_name, team as group_id, * from described
    union all
    select 'csm' as level_name, csm_id as group_id, * from described
    where csm_id is not null

),

groups as (

    select
        level_name,
        group_id,
        cast(count(*) as double) as interventions,
        count(distinct account_id) as accounts,
        avg(departure) as departure_rate,
        avg(expected_departure) as expected_departure_rate,
        avg(score_change) as score_change,
        stddev_samp(score_change) / sqrt(nullif(count(score_change), 0)) as score_change_error,
        avg(csat_before) as csat_before,
        avg(csat_after) as csat_after,
        avg(ces_before) as ces_before,
        avg(ces_after) as ces_after,
        avg(tickets_before) as tickets_before,
        avg(tickets_after) as tickets_after
    from levels
    group by 1, 2

),

shown as (

    select *, accounts >= {{ var('group_min_accounts') }} as is_shown from groups

),

final as (

    select
        cast(shown.level_name as {{ dbt.type_string() }}) as level_name,
        shown.group_id,
        coalesce(csms.csm_name, shown.group_id) as group_name,
        cast(shown.interventions as integer) as interventions,
        cast(shown.accounts as integer) as accounts,
        not shown.is_shown as is_suppressed,
        case when shown.is_shown then shown.departure_rate end as departure_rate,
        -- one account once: a second intervention with the same customer is no second customer
        case when shown.is_shown then {{ wilson_limit('shown.departure_rate', 'shown.accounts', 'low') }} end
            as departure_rate_low,
        case when shown.is_shown then {{ wilson_limit('shown.departure_rate', 'shown.accounts', 'high') }} end
            as departure_rate_high,
        {%- for column in ['expected_departure_rate', 'score_change', 'csat_before', 'csat_after', 'ces_before', 'ces_after',
            'tickets_before', 'tickets_after'] %}
        case when shown.is_shown then shown.{{ column }} end as {{ column }},
        {%- endfor %}
        case when shown.is_shown then shown.score_change - {{ z_95() }} * shown.score_change_error end as score_change_low,
        case when shown.is_shown then shown.score_change + {{ z_95() }} * shown.score_change_error end as score_change_high
    from shown
    left join csms
        on shown.level_name = 'csm'
        and shown.group_id = csms.csm_id

)

select * from final
