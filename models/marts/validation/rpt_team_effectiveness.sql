-- Grain: one row per CSM, team and all of them together: customers before and after an intervention.
-- Departures are set beside what the grades on the day of the intervention would have let expect: who steps in where it
-- burns must not look worse for it. Groups with few interventions show no figures.

with

effects as (

    select * from {{ ref('int_intervention_effects') }}

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

levels as (

    select 'all' as level_name, 'all' as group_id, * from effects
    union all
    select 'team' as level_name, team as group_id, * from effects
    union all
    select 'csm' as level_name, csm_id as group_id, * from effects
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
        {%- for column in [
            'expected_departure_rate', 'score_change', 'csat_before', 'csat_after', 'ces_before', 'ces_after',
            'tickets_before', 'tickets_after',
        ] %}
        case when shown.is_shown then shown.{{ column }} end as {{ column }},
        {%- endfor %}
        case when shown.is_shown then shown.score_change - {{ z_95() }} * shown.score_change_error end
            as score_change_low,
        case when shown.is_shown then shown.score_change + {{ z_95() }} * shown.score_change_error end
            as score_change_high
    from shown
    left join csms
        on shown.level_name = 'csm'
        and shown.group_id = csms.csm_id

)

select * from final
