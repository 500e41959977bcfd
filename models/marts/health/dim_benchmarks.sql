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
        effective_from <= {{ as_of_date() }}
        and coalesce(effective_to, {{ open_end() }}) > {{ as_of_date() }} as is_in_force,
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
