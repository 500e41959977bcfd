-- Grain: one row per account, desired outcome and day on which the account is on its path.
-- The public face of int_journey_days: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    desired_outcome,
    date_day,
    spell_number,
    path_number,
    stage,
    furthest_position,
    milestones,
    milestones_reached,
    milestones_due,
    milestones_on_time,
    milestones_on_time_pct,
    milestones_late,
    days_ahead,
    next_milestone,
    next_expected_on
from {{ ref('int_journey_days') }}
