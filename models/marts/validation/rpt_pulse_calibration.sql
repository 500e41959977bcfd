-- Grain: one row per rater (who recorded pulses, in which role): how what they felt compares with who left.
-- A pulse counts as the share of customers who left on that pulse, whoever gave it; a rater whose customers leave more often than
-- their pulses say is too kind. Figures of raters with few customers are left out.
{% set horizon_days = renewal_outcome_horizon() | int %}

with

spells as (

    select * from {{ ref('int_paid_spells') }}

),

pulses as (

    select
        pulses.csm_id,
        coalesce(pulses.role, 'unknown') as role,
        pulses.account_id,
        pulses.pulse,
        case
            when spells.has_left and {{ days_between('pulses.recorded_on', 'spells.ends_on') }} <= {{ horizon_days }} then 1.0
            else 0.0
        end as has_left
    from {{ ref('stg_crm__csm_pulses') }} as pulses
    inner join spells
        on pulses.account_id = spells.account_id
        and pulses.recorded_on >= spells.starts_on
        and pulses.recorded_on < spells.ends_on
    where {{ add_days('pulses.recorded_on', horizon_days + var('grace_days')) }} <= {{ as_of_date() }}
        and pulses.pulse is not null
        and pulses.csm_id is not null

),

meanings as (

    select
        *,
        avg(has_left) over (partition by pulse) as expected,
        avg(has_left) over () as base_rate
    from pulses

),

raters as (

    select
        csm_id,
        role,
        count(*) as pulses,
        count(distinct account_id) as accounts,
        count(distinct pulse) as values_used,
        avg(cast(pulse as double)) as average_pulse,
        avg(expected) as expected_rate,
        avg(has_left) as observed_rate,
        avg(power(expected - has_left, 2)) as brier_score,
        avg(power(base_rate - has_left, 2)) as brier_score_of_base_rate
    from meanings
    group by 1, 2

),

final as (

    select
        raters.csm_id,
        csms.csm_name,
        csms.team,
        cast(raters.role as {{ dbt.type_string() }}) as role,
        cast(raters.pulses as integer) as pulses,
        cast(raters.accounts as integer) as accounts,
        raters.accounts < {{ var('group_min_accounts') }} as is_suppressed,
        {%- for column in ['average_pulse', 'expected_rate', 'observed_rate', 'brier_score', 'brier_score_of_base_rate'] %}
        case when raters.accounts >= {{ var('group_min_accounts') }} then raters.{{ column }} end as {{ column }},
        {%- endfor %}
        case when raters.accounts >= {{ var('group_min_accounts') }} then cast(raters.values_used as integer) end as values_used,
        case when raters.accounts >= {{ var('group_min_accounts') }} then raters.expected_rate - raters.observed_rate end
            as bias
    from raters
    left join {{ ref('int_current_csms') }} as csms
        on raters.csm_id = csms.csm_id

)

select * from final
