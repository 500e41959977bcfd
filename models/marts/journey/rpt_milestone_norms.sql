-- Grain: one row per desired outcome, segment and milestone: when renewed customers reached it, beside the configured
-- day.
-- The public face of int_milestone_norms: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    desired_outcome,
    segment,
    milestone,
    label,
    position,
    clock,
    expected_day,
    late_after_day,
    accounts,
    accounts_reached,
    median_days,
    median_days_low,
    median_days_high,
    p80_days,
    p80_days_low,
    p80_days_high
from {{ ref('int_milestone_norms') }}
