-- Grain: one row per account, month end, predictor, outcome and horizon that is decided by the last day.
-- The public face of int_score_outcome_pairs: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    scorecard,
    scorecard_version,
    predictor,
    outcome,
    horizon_days,
    score,
    grade,
    band,
    has_outcome,
    days_to_outcome,
    decided_on
from {{ ref('int_score_outcome_pairs') }}
