-- Grain: one row per account, day of the index and metric, shadow metrics included.
{{ config(
    materialized='incremental',
    incremental_strategy='day_range',
    inputs_are_cut=true,
    layer='points',
    tags=['what_if']
) }}

with

unioned as (

    select * from {{ ref('int_points__fixed') }}
    where date_day >= {{ rebuild_from('points') }}
    union all
    -- these two look beyond a row's own day, so they cut their days themselves
    select * from {{ ref('int_points__baseline') }}
    union all
    select * from {{ ref('int_points__peers') }}

),

final as (

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
    from unioned

)

select * from final
