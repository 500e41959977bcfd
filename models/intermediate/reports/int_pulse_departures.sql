-- Grain: one row per pulse whose time is over: whether the customer left, beside what all pulses of that value meant.
{{ config(materialized='view') }}
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
            when spells.has_left
                and {{ days_between('pulses.recorded_on', 'spells.ends_on') }} <= {{ horizon_days }} then 1e0
            else 0e0
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

final as (

    select
        *,
        avg(has_left) over (partition by pulse) as expected,
        avg(has_left) over () as base_rate
    from pulses

)

select * from final
