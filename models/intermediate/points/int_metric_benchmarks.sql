-- Grain: one row per account, day and metric, with the benchmark that applies to it.
{{ config(materialized='view', tags=['what_if']) }}

with

metrics as (

    select * from {{ ref('int_metrics__unioned') }}

),

benchmarks_in_force as (

    select * from {{ ref('int_benchmarks_in_force') }}

),

final as (

    select
        metrics.account_id,
        metrics.date_day,
        metrics.metric,
        metrics.segment,
        metrics.tenure_band,
        metrics.value,
        metrics.value_status,
        benchmarks_in_force.benchmark_method,
        benchmarks_in_force.benchmark_version,
        benchmarks_in_force.benchmark_scope,
        benchmarks_in_force.floor,
        benchmarks_in_force.target,
        benchmarks_in_force.curve,
        benchmarks_in_force.min_peers
    from metrics
    left join benchmarks_in_force
        on metrics.metric = benchmarks_in_force.metric
        and coalesce(metrics.segment, '') = benchmarks_in_force.segment
        and metrics.tenure_band = benchmarks_in_force.tenure_band
        and metrics.date_day >= benchmarks_in_force.starts_on
        and metrics.date_day < benchmarks_in_force.ends_on

)

select * from final
