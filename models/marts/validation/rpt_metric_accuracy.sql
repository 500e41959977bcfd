-- Grain: one row per metric and horizon: how well the points of the metric alone tell who left from who stayed.
-- The public face of int_metric_accuracy: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    metric,
    metric_label,
    horizon_days,
    indicator_type,
    motion,
    is_weighted,
    weighted_in_scorecards,
    observations,
    known_share,
    events,
    accounts_with_outcome,
    auc,
    standard_error,
    auc_low,
    auc_high,
    p_value,
    p_value_holm,
    differs_from_chance,
    differs_from_chance_holm,
    lowest_tenth_lift,
    verdict
from {{ ref('int_metric_accuracy') }}
