-- Grain: one row per scorecard, version and weighted metric. Weights are shares of their side: 50 for each side.
{{ config(tags=['what_if']) }}

with

scorecard_metrics as (

    select * from {{ ref('scorecard_metrics') }}
    where weight > 0

),

metrics as (

    select * from {{ ref('metrics') }}

),

final as (

    select
        scorecard_metrics.scorecard,
        scorecard_metrics.version as scorecard_version,
        scorecard_metrics.component,
        scorecard_metrics.metric,
        metrics.motion,
        cast(50 * cast(scorecard_metrics.weight as double) / nullif(sum(scorecard_metrics.weight) over (
            partition by scorecard_metrics.scorecard, scorecard_metrics.version, metrics.motion
        ), 0) as {{ exact_score() }}) as weight
    from scorecard_metrics
    inner join metrics
        on scorecard_metrics.metric = metrics.metric

)

select * from final
