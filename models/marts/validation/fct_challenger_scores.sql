-- Grain: one row per account, day of the index and challenger that stands beside the account's champion.
-- The public face of int_challenger_scores: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    scorecard,
    scorecard_version,
    desired_outcome,
    champion_scorecard,
    is_primary,
    proactive_score,
    reactive_score,
    health_score_before_rules,
    health_score,
    score_coverage,
    score_status,
    rule_applied,
    raw_grade
from {{ ref('int_challenger_scores') }}
