-- Grain: one row per scorecard (or all), outcome, horizon, kind of bin (grade or decile) and bin: how often the outcome
-- followed on scores of that bin, by all pairs that are decided on the last day.
-- The public face of int_score_calibration: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    scorecard,
    outcome,
    horizon_days,
    bin_kind,
    bin,
    lowest_score,
    average_score,
    highest_score,
    observations,
    accounts,
    events,
    accounts_with_outcome,
    outcome_rate,
    effective_observations,
    outcome_rate_low,
    outcome_rate_high
from {{ ref('int_score_calibration') }}
