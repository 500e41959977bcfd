-- Grain: one row per account, desired outcome and day on which the account is on its path.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='journey') }}

with

positions as (

    select * from {{ ref('int_journey_positions') }}
    where ends_on > {{ rebuild_from('journey') }}

),

position_days as (

    select
        *,
        {{ each_day('greatest(starts_on, ' ~ rebuild_from('journey') ~ ')', add_days('ends_on', -1)) }} as date_day
    from positions

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
        milestones,
        milestones_reached,
        milestones_due,
        milestones_on_time,
        100.0 * milestones_on_time / nullif(milestones_due, 0) as milestones_on_time_pct,
        milestones_late,
        -- behind by the oldest milestone that is late; else ahead by as much as the furthest one was early
        case
            when oldest_late_expected_on is not null then -{{ days_between('oldest_late_expected_on', 'date_day') }}
            else greatest(coalesce(furthest_days_early, 0), 0)
        end as days_ahead,
        next_milestone,
        next_expected_on
    from position_days

)

select * from final
