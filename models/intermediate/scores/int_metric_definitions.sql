-- Grain: one row per metric of the configuration, shadow metrics included.
with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

scorecards_in_force as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

weighted_in as (

    select
        weights.metric,
        {{ sorted_list('weights.scorecard') }} as scorecards
    from weights
    inner join scorecards_in_force
        on weights.scorecard = scorecards_in_force.scorecard
        and weights.scorecard_version = scorecards_in_force.version
    group by 1

),

final as (

    select
        metrics.metric,
        metrics.label,
        metrics.domain,
        metrics.indicator_type,
        metrics.motion,
        metrics.direction,
        metrics.unit,
        metrics.measure,
        metrics.denominator_measure,
        measures.kind as measure_kind,
        measures.source,
        metrics.aggregation,
        metrics.window_days,
        metrics.min_history_days,
        metrics.max_age_days,
        metrics.applies_from_tenure_days,
        metrics.applies_to_tenure_days,
        metrics.applies_to_outcome,
        metrics.applies_to_product,
        weighted_in.metric is null as is_shadow,
        weighted_in.scorecards as weighted_in_scorecards,
        metrics.rationale
    from metrics
    left join measures
        on metrics.measure = measures.measure
    left join weighted_in
        on metrics.metric = weighted_in.metric

)

select * from final
