-- Grain: one row per account, day, scorecard and weighted metric.
-- The public face of int_score_drivers: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    scorecard,
    scorecard_version,
    component,
    motion,
    metric,
    value_status,
    points,
    weight,
    effective_weight,
    contribution,
    loss
from {{ ref('int_score_drivers') }}
