-- Grain: one row per metric, version, segment, tenure_band and first day: what turns its value into points.
with

benchmarks as (

    select * from {{ ref('benchmarks') }}

),

final as (

    select
        metric,
        version as benchmark_version,
        effective_from,
        effective_to,
        {{ is_in_force() }} as is_in_force,
        segment,
        tenure_band,
        method as benchmark_method,
        floor,
        target,
        curve,
        min_peers,
        rationale
    from benchmarks

)

select * from final
