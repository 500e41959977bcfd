-- Grain: one row per metric, segment, tenure_band and day: the benchmark that applies, the most specific one.
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

days as (

    select {{ each_day('min(date_day)', 'max(date_day)') }} as date_day
    from {{ ref('int_account_days') }}

),

candidates as (

    select
        benchmarks.metric,
        segments.segment,
        tenure_bands.tenure_band,
        days.date_day,
        benchmarks.version as benchmark_version,
        benchmarks.method as benchmark_method,
        coalesce(benchmarks.segment, 'all') || '/' || coalesce(benchmarks.tenure_band, 'all') as benchmark_scope,
        benchmarks.floor,
        benchmarks.target,
        benchmarks.curve,
        benchmarks.min_peers,
        row_number() over (
            partition by benchmarks.metric, segments.segment, tenure_bands.tenure_band, days.date_day
            order by
                case when benchmarks.segment is null then 0 else 2 end
                    + case when benchmarks.tenure_band is null then 0 else 1 end desc,
                benchmarks.version desc
        ) as specificity
    from benchmarks
    inner join segments
        on coalesce(benchmarks.segment, segments.segment) = segments.segment
    inner join tenure_bands
        on coalesce(benchmarks.tenure_band, tenure_bands.tenure_band) = tenure_bands.tenure_band
    inner join days
        on days.date_day >= benchmarks.effective_from
        and days.date_day < coalesce(benchmarks.effective_to, {{ open_end() }})

),

final as (

    select
        metric,
        segment,
        tenure_band,
        date_day,
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
