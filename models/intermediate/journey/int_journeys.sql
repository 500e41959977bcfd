-- Grain: one row per account, spell, desired outcome and path: when it brought value, and when onboarding was over.
with

paths as (

    select * from {{ ref('int_journey_paths') }}

),

milestones as (

    select * from {{ ref('int_milestones') }}

),

states as (

    select * from {{ ref('int_milestone_states') }}

),

clocks as (

    select * from {{ ref('int_journey_clocks') }}

),

values_reached as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        min(reached_on) as first_value_on
    from milestones
    where is_value_moment
        and reached_on is not null
    group by 1, 2, 3, 4

),

onboardings as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        max(onboarded_on) as onboarded_on
    from states
    group by 1, 2, 3, 4

),

-- a monthly term renews every month; what counts is staying beyond a year
first_renewals as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        clock_starts_on as first_renewed_on
    from clocks
    where clock_kind = 'renewal'
        and instance_number = 1

),

final as (

    select
        paths.account_id,
        paths.spell_number,
        paths.desired_outcome,
        paths.path_number,
        paths.path_starts_on,
        case when paths.path_ends_on <= {{ as_of_date() }} then paths.path_ends_on end as path_ends_on,
        paths.path_ends_on > {{ as_of_date() }} as is_current,
        values_reached.first_value_on,
        -- what was there before the outcome was declared took no time
        cast(case
            when values_reached.first_value_on < paths.path_starts_on then 0
            else {{ days_between('paths.path_starts_on', 'values_reached.first_value_on') }}
        end as integer) as time_to_value_days,
        onboardings.onboarded_on,
        cast(case
            when onboardings.onboarded_on < paths.path_starts_on then 0
            else {{ days_between('paths.path_starts_on', 'onboardings.onboarded_on') }}
        end as integer) as onboarding_days,
        first_renewals.first_renewed_on,
        cast({{ days_between('onboardings.onboarded_on', 'first_renewals.first_renewed_on') }} as integer)
            as onboarding_end_to_first_renewal_days
    from paths
    left join values_reached
        on paths.account_id = values_reached.account_id
        and paths.spell_number = values_reached.spell_number
        and paths.desired_outcome = values_reached.desired_outcome
        and paths.path_number = values_reached.path_number
    left join onboardings
        on paths.account_id = onboardings.account_id
        and paths.spell_number = onboardings.spell_number
        and paths.desired_outcome = onboardings.desired_outcome
        and paths.path_number = onboardings.path_number
    left join first_renewals
        on paths.account_id = first_renewals.account_id
        and paths.spell_number = first_renewals.spell_number
        and paths.desired_outcome = first_renewals.desired_outcome
        and paths.path_number = first_renewals.path_number

)

select * from final
