-- Grain: one row per rater (who recorded pulses, in which role): how what they felt compares with who left.
-- A pulse counts as the share of customers who left on that pulse, whoever gave it; a rater whose customers leave more
-- often than their pulses say is too kind. Figures of raters with few customers are left out.

with

pulses as (

    select * from {{ ref('int_pulse_departures') }}

),

raters as (

    select
        csm_id,
        role,
        count(*) as pulses,
        count(distinct account_id) as accounts,
        count(distinct account_id) >= {{ var('group_min_accounts') }} as is_shown,
        count(distinct pulse) as values_used,
        avg(cast(pulse as double)) as average_pulse,
        avg(expected) as expected_rate,
        avg(has_left) as observed_rate,
        avg(power(expected - has_left, 2)) as brier_score,
        avg(power(base_rate - has_left, 2)) as brier_score_of_base_rate
    from pulses
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
        not raters.is_shown as is_suppressed,
        {%- for column in [
            'average_pulse', 'expected_rate', 'observed_rate', 'brier_score', 'brier_score_of_base_rate'
        ] %}
        case when raters.is_shown then raters.{{ column }} end as {{ column }},
        {%- endfor %}
        case when raters.is_shown then cast(raters.values_used as integer) end as values_used,
        case when raters.is_shown then raters.expected_rate - raters.observed_rate end as bias
    from raters
    left join {{ ref('int_current_csms') }} as csms
        on raters.csm_id = csms.csm_id

)

select * from final
