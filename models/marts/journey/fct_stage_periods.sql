-- Grain: one row per account, spell, desired outcome, path and stage: from when to when the account was in it.
-- A stage is over when its last milestone has been reached and all stages before it are over, and the next one begins
-- there: reaching a later stage early does not undo an earlier one.
with

milestones as (

    select * from {{ ref('int_milestones') }}
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

so_far as (

    select
        *,
        sum(case when milestones_reached < milestones then 1 else 0 end) over up_to_here as stages_open,
        max(last_reached_on) over up_to_here as latest_reached_on
    from by_stage
    window up_to_here as (
        partition by account_id, spell_number, desired_outcome, path_number order by stage_position nulls last
        rows between unbounded preceding and current row
    )

),

completed as (

    select
        so_far.*,
        paths.path_starts_on,
        -- what was reached before the path began was over when it began
        case when so_far.stages_open = 0 then greatest(so_far.latest_reached_on, paths.path_starts_on) end
            as completed_on,
        case when paths.path_ends_on <= {{ as_of_date() }} then paths.path_ends_on end as path_ends_on
    from so_far
    inner join paths
        on so_far.account_id = paths.account_id
        and so_far.spell_number = paths.spell_number
        and so_far.desired_outcome = paths.desired_outcome
        and so_far.path_number = paths.path_number

),

entered as (

    select
        *,
        case
            when row_number() over in_order = 1 then path_starts_on
            else lag(completed_on) over in_order
        end as entered_on
    from completed
    window in_order as (
        partition by account_id, spell_number, desired_outcome, path_number order by stage_position nulls last
    )

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        stage,
        stage_position,
        is_onboarding,
        cast(milestones as integer) as milestones,
        cast(milestones_reached as integer) as milestones_reached,
        entered_on,
        completed_on,
        case when entered_on is not null then coalesce(completed_on, path_ends_on) end as left_on
    from entered

)

select * from final
