-- Grain: one row per account, desired outcome and day on which the account is on its path.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='journey') }}

with

positions as (

    select * from {{ ref('int_journey_positions') }}

),

paths as (

    select * from {{ ref('int_journey_paths') }}

),

stretches as (

    select
        positions.*,
        coalesce(
            lead(positions.starts_on) over (
                partition by
                    positions.account_id, positions.spell_number, positions.desired_outcome, positions.path_number
                order by positions.starts_on
            ),
            paths.path_ends_on
        ) as ends_on
    from positions
    inner join paths
        on positions.account_id = paths.account_id
        and positions.spell_number = paths.spell_number
        and positions.desired_outcome = paths.desired_outcome
        and positions.path_number = paths.path_number

),

position_days as (

    select
        *,
        {{ each_day('greatest(starts_on, ' ~ rebuild_from('journey') ~ ')', add_days('ends_on', -1)) }} as date_day
    from stretches
    where ends_on > {{ rebuild_from('journey') }}

),

final as (

    select
        account_id,
        desired_outcome,
        date_day,
        spell_number,
        path_number,
        coalesce(next_stage, furthest_stage) as stage,
        furthest_position,
        cast(milestones as integer) as milestones,
        cast(milestones_reached as integer) as milestones_reached,
        cast(milestones_due as integer) as milestones_due,
        cast(milestones_on_time as integer) as milestones_on_time,
        cast(100e0 * milestones_on_time / nullif(milestones_due, 0) as double) as milestones_on_time_pct,
        cast(milestones_late as integer) as milestones_late,
        -- behind by the oldest milestone that is late; else ahead by as much as the furthest one was early
        cast(case
            when oldest_late_expected_on is not null then -{{ days_between('oldest_late_expected_on', 'date_day') }}
            else greatest(coalesce(furthest_days_early, 0), 0)
        end as integer) as days_ahead,
        next_milestone,
        next_expected_on
    from position_days

)

select * from final
