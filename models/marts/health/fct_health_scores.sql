-- Grain: one row per account, day of the index and scorecard.
-- The public face of int_health_scores: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    scorecard,
    scorecard_version,
    desired_outcome,
    is_primary,
    proactive_score,
    reactive_score,
    proactive_coverage,
    reactive_coverage,
    health_score_before_rules,
    health_score,
    score_coverage,
    score_status,
    rule_applied,
    raw_grade,
    grade,
    override_grade,
    last_grade,
    last_raw_grade,
    last_raw_grade_days
from {{ ref('int_health_scores') }}
