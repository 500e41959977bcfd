-- Grain: one row per path and day on which a milestone of it changes its status: where the account stands from then on.
-- The last days are left out: they move each day, and everything else that changes is to be found by comparing rows.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='starts_on') }}

with

states as (

    select * from {{ ref('int_milestone_states') }}

),

journey_stretches as (

    select * from {{ ref('int_journey_stretches') }}

),

-- a turn after which no milestone applies is one, too: it ends what was before
turns as (

    select account_id, spell_number, desired_outcome, path_number, changed_on as starts_on from journey_stretches
    union
    select account_id, spell_number, desired_outcome, path_number, starts_on from states

),

in_force as (

    select
        turns.account_id,
        turns.spell_number,
        turns.desired_outcome,
        turns.path_number,
        turns.starts_on,
        states.milestone,
        states.stage,
        states.position,
        states.expected_on,
        states.reached_on,
        states.milestone_status,
        row_number() over (
            partition by turns.account_id, turns.spell_number, turns.desired_outcome, turns.path_number, turns.starts_on
            order by
                case when states.reached_on is null and states.milestone is not null then 0 else 1 end,
                states.position nulls last, states.instance_number desc nulls last
        ) as next_first,
        row_number() over (
            partition by turns.account_id, turns.spell_number, turns.desired_outcome, turns.path_number, turns.starts_on
            order by case when states.reached_on is not null then 0 else 1 end, states.position desc nulls last
        ) as furthest_first
    from turns
    left join states
        on turns.account_id = states.account_id
        and turns.spell_number = states.spell_number
        and turns.desired_outcome = states.desired_outcome
        and turns.path_number = states.path_number
        and turns.starts_on >= states.starts_on
        and turns.starts_on < states.ends_on
        and states.milestone_status <> 'not_applicable'

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        starts_on,
        count(milestone) as milestones,
        count(reached_on) as milestones_reached,
        count(case when milestone_status in ('reached_on_time', 'reached_late', 'late') then 1 end) as milestones_due,
        count(case when milestone_status = 'reached_on_time' then 1 end) as milestones_on_time,
        count(case when milestone_status = 'late' then 1 end) as milestones_late,
        min(case when milestone_status = 'late' then expected_on end) as oldest_late_expected_on,
        max(case when next_first = 1 and reached_on is null then milestone end) as next_milestone,
        max(case when next_first = 1 and reached_on is null then expected_on end) as next_expected_on,
        max(case when next_first = 1 and reached_on is null then stage end) as next_stage,
        max(case when furthest_first = 1 and reached_on is not null then position end) as furthest_position,
        max(case when furthest_first = 1 and reached_on is not null then stage end) as furthest_stage,
        max(case
            when furthest_first = 1 and reached_on is not null then {{ days_between('reached_on', 'expected_on') }}
        end) as furthest_days_early
    from in_force
    group by 1, 2, 3, 4, 5

)

select * from final
