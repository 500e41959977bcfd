-- Grain: one row per account, spell, desired outcome, path and stage: from when to when the account was in it.
-- A stage is over when its last milestone has been reached, and the next one begins there.
with

milestones as (

    select * from {{ ref('fct_milestones') }}
    where instance_number = 1
        and milestone_status <> 'not_applicable'

),

paths as (

    select * from {{ ref('int_journey_paths') }}

),

stages as (

    select * from {{ ref('stages') }}

),

by_stage as (

    select
        milestones.account_id,
        milestones.spell_number,
        milestones.desired_outcome,
        milestones.path_number,
        milestones.stage,
        stages.position as stage_position,
        stages.is_onboarding,
        count(*) as milestones,
        count(milestones.reached_on) as milestones_reached,
        max(milestones.reached_on) as last_reached_on
    from milestones
    inner join stages
        on milestones.stage = stages.stage
        and milestones.desired_outcome = stages.desired_outcome
    group by 1, 2, 3, 4, 5, 6, 7

),

completed as (

    select
        *,
        case when milestones_reached = milestones then last_reached_on end as completed_on
    from by_stage

),

entered as (

    select
        *,
        row_number() over in_order as stage_number,
        -- reaching a later stage early does not undo an earlier one: a stage begins when all before it are over
        max(completed_on) over (
            partition by account_id, spell_number, desired_outcome, path_number order by stage_position
            rows between unbounded preceding and 1 preceding
        ) as previous_completed_on,
        count(completed_on) over (
            partition by account_id, spell_number, desired_outcome, path_number order by stage_position
            rows between unbounded preceding and 1 preceding
        ) as stages_completed_before
    from completed
    window in_order as (
        partition by account_id, spell_number, desired_outcome, path_number order by stage_position
    )

),

final as (

    select
        entered.account_id,
        entered.spell_number,
        entered.desired_outcome,
        entered.path_number,
        entered.stage,
        entered.stage_position,
        entered.is_onboarding,
        entered.milestones,
        entered.milestones_reached,
        case
            when entered.stage_number = 1 then paths.path_starts_on
            when entered.stages_completed_before = entered.stage_number - 1
                then greatest(entered.previous_completed_on, paths.path_starts_on)
        end as entered_on,
        entered.completed_on
    from entered
    inner join paths
        on entered.account_id = paths.account_id
        and entered.spell_number = paths.spell_number
        and entered.desired_outcome = paths.desired_outcome
        and entered.path_number = paths.path_number

)

select * from final
