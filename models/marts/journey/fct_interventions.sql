-- Grain: one row per intervention or other proactive step, with what it met and what followed.
-- The public face of int_interventions: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    engagement_id,
    account_id,
    csm_id,
    kind,
    desired_outcome,
    status,
    opened_on,
    closed_on,
    disposition,
    disposition_on,
    quarter_starts_on,
    grade_when_opened,
    is_before_unhealthy,
    health_score_when_opened,
    health_score_after_30_days,
    health_score_after_90_days,
    days_ahead_when_opened,
    days_ahead_after_30_days,
    days_ahead_after_90_days
from {{ ref('int_interventions') }}
