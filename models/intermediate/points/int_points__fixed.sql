-- Grain: one row per account, day and metric whose benchmark is a line, a curve or missing.
{{ config(materialized='view', tags=['what_if']) }}

with

metric_benchmarks as (

    select * from {{ ref('int_metric_benchmarks') }}
    where benchmark_method in ('linear', 'curve')
        or benchmark_method is null

),

curves as (

    select * from {{ ref('int_benchmark_curves') }}

),

final as (

    select
        metric_benchmarks.account_id,
        metric_benchmarks.date_day,
        metric_benchmarks.metric,
        metric_benchmarks.value,
        metric_benchmarks.value_status,
        case
            when not {{ earns_points('metric_benchmarks.value_status') }} then null
            when metric_benchmarks.benchmark_method = 'linear' then {{ normalise_points(
                'metric_benchmarks.value', 'metric_benchmarks.floor', 'metric_benchmarks.target',
            ) }}
            when metric_benchmarks.benchmark_method = 'curve' then {{ normalise_points(
                'metric_benchmarks.value', 'curves.value_from', 'curves.value_to',
                'curves.points_from', 'curves.points_to',
            ) }}
        end as points,
        metric_benchmarks.benchmark_method,
        metric_benchmarks.benchmark_version,
        metric_benchmarks.benchmark_scope
    from metric_benchmarks
    left join curves
        on metric_benchmarks.curve = curves.curve
        and metric_benchmarks.value >= curves.applies_from
        and metric_benchmarks.value < curves.applies_to

)

select * from final
