-- Grain: one row per metric of the configuration, shadow metrics included.
-- The public face of int_metric_definitions: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    metric,
    label,
    domain,
    indicator_type,
    motion,
    direction,
    unit,
    measure,
    denominator_measure,
    measure_kind,
    source,
    aggregation,
    window_days,
    min_history_days,
    max_age_days,
    applies_from_tenure_days,
    applies_to_tenure_days,
    applies_to_outcome,
    applies_to_product,
    is_shadow,
    weighted_in_scorecards,
    rationale
from {{ ref('int_metric_definitions') }}
