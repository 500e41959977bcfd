-- Grain: one row per metric (and health_score, the headline score) and lead time: how well it tells those who leave
-- that many days later from those who are still there when they are over.
-- The public face of int_metric_lead_times: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    metric,
    metric_label,
    indicator_type,
    is_weighted,
    from_days,
    to_days,
    observations,
    events,
    accounts_with_outcome,
    auc,
    standard_error,
    auc_low,
    auc_high,
    tells_who_leaves
from {{ ref('int_metric_lead_times') }}
