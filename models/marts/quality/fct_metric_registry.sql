-- Grain: one row per metric, and one per measure (metric null).
-- The public face of int_metric_registry: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    metric,
    measure,
    source,
    raw_table,
    verdict,
    is_declared,
    has_rows,
    measure_rows,
    last_measured_on,
    last_observed_on,
    accounts_observed_share,
    is_constant,
    observed_share,
    zero_share,
    stale_share,
    not_applicable_share,
    too_early_share,
    not_instrumented_share,
    no_base_share,
    scorecards_weighing,
    highest_weight,
    is_shadow
from {{ ref('int_metric_registry') }}
