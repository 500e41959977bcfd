-- Grain: one row per measure and reason for which weighted metrics earned no points on the last day.
-- The public face of int_instrumentation_gaps: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    measure,
    value_status,
    source,
    raw_table,
    metrics,
    accounts,
    scores,
    weight_unscored,
    weight_unscored_pct,
    mrr_usd,
    what_to_do,
    missing_columns
from {{ ref('int_instrumentation_gaps') }}
