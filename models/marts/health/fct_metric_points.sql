-- Grain: one row per account, day of the index and metric, shadow metrics included.
-- The public face of int_metric_points: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    metric,
    value,
    value_status,
    points,
    benchmark_method,
    benchmark_version,
    benchmark_scope
from {{ ref('int_metric_points') }}
