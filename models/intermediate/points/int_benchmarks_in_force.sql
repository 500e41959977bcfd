-- Grain: one row per metric, segment, tenure_band and stretch of days [starts_on, ends_on): the benchmark that applies
-- in it, the most specific one. A stretch ends wherever any benchmark of the metric begins or ends.
{{ config(tags=['what_if']) }}

with

benchmarks as (

    select * from {{ ref('benchmarks') }}

),

segments as (

    -- accounts may carry a segment that segments.csv does not know yet: they take the general benchmarks
    select segment from {{ ref('segments') }}
    union
    select coalesce(segment, '') as segment from {{ ref('int_account_changes') }}

),

tenure_bands as (

    select tenure_band from {{ ref('tenure_bands') }}

),

turns as (

    select metric, effective_from as starts_on from benchmarks
    union
    select metric, effective_to as starts_on from benchmarks
    where effective_to is not null

),

stretches as (

    select
        metric,
        starts_on,
        coalesce(lead(starts_on) over (partition by metric order by starts_on nulls last), {{ open_end() }}) as ends_on
    from turns

),

candidates as (

    select
        benchmarks.metric,
        segments.segment,
        tenure_bands.tenure_band,
        stretches.starts_on,
        stretches.ends_on,
        benchmarks.version as benchmark_version,
        benchmarks.method as benchmark_method,
        coalesce(benchmarks.segment, 'all') || '/' || coalesce(benchmarks.tenure_band, 'all') as benchmark_scope,
        benchmarks.floor,
        benchmarks.target,
        benchmarks.curve,
        benchmarks.min_peers,
        row_number() over (
            partition by benchmarks.metric, segments.segment, tenure_bands.tenure_band, stretches.starts_on
            order by
                case when benchmarks.segment is null then 0 else 2 end
                + case when benchmarks.tenure_band is null then 0 else 1 end desc,
                benchmarks.version desc nulls last
        ) as specificity
    from benchmarks
    inner join segments
        on coalesce(benchmarks.segment, segments.segment) = segments.segment
    inner join tenure_bands
        on coalesce(benchmarks.tenure_band, tenure_bands.tenure_band) = tenure_bands.tenure_band
    inner join stretches
        on benchmarks.metric = stretches.metric
        and benchmarks.effective_from <= stretches.starts_on
        and stretches.starts_on < coalesce(benchmarks.effective_to, {{ open_end() }})

),

final as (

    select
        metric,
        segment,
        tenure_band,
        starts_on,
        ends_on,
        benchmark_method,
        benchmark_version,
        benchmark_scope,
        floor,
        target,
        curve,
        min_peers
    from candidates
    where specificity = 1

)

select * from final
