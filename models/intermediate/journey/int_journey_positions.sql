-- Grain: one row per path and stretch of days in which no milestone changes its status: where the account stands on it.
with

states as (

    select * from {{ ref('int_milestone_states') }}
    where milestone_status <> 'not_applicable'

),

all_states as (

    select * from {{ ref('int_milestone_states') }}

),

{% set path = 'account_id, spell_number, desired_outcome, path_number' %}

turns as (

    select distinct {{ path }}, starts_on from all_states

),

stretches as (

    select
        turns.*,
        coalesce(
            lead(turns.starts_on) over (partition by {{ path }} order by turns.starts_on),
            path_ends.path_ends_on
        ) as ends_on
    from turns
    inner join (
        select {{ path }}, max(ends_on) as path_ends_on from all_states
        group by 1, 2, 3, 4
    ) as path_ends
        using ({{ path }})

),

in_force as (

    select
        stretches.account_id,
        stretches.spell_number,
        stretches.desired_outcome,
        stretches.path_number,
        stretches.starts_on,
        stretches.ends_on,
        states.milestone,
        states.stage,
        states.position,
        states.expected_on,
        states.reached_on,
        states.milestone_status,
        row_number() over (
            partition by stretches.account_id, stretches.spell_number, stretches.desired_outcome, stretches.path_number,
                stretches.starts_on
            order by case when states.reached_on is null and states.milestone is not null then 0 else 1 end,
                states.position, states.instance_number desc
        ) as next_first,
        row_number() over (
            partition by stretches.account_id, stretches.spell_number, stretches.desired_outcome, stretches.path_number,
                stretches.starts_on
            order by case when states.reached_on is not null then 0 else 1 end, states.position desc
        ) as furthest_first
    from stretches
    left join states
        on stretches.account_id = states.account_id
        and stretches.spell_number = states.spell_number
        and stretches.desired_outcome = states.desired_outcome
        and stretches.path_number = states.path_number
        and stretches.starts_on >= states.starts_on
        and stretches.starts_on < states.ends_on

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        starts_on,
        ends_on,
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
    group by 1, 2, 3, 4, 5, 6

)

select * from final
