-- Grain: one row per account, spell, desired outcome, path, milestone and clock instance: how it stands on the last
-- day.
-- The public face of int_milestones: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    spell_number,
    desired_outcome,
    path_number,
    milestone,
    instance_number,
    milestone_version,
    stage,
    position,
    label,
    is_value_moment,
    clock_starts_on,
    counts_from_on,
    is_watched_from_start,
    clock,
    expected_day,
    is_planned,
    expected_on,
    late_after_on,
    reached_on,
    days_late,
    milestone_status,
    evidence,
    evidence_comparator,
    evidence_threshold,
    evidence_value,
    evidence_on,
    playbook
from {{ ref('int_milestones') }}
