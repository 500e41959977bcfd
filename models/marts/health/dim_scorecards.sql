-- Grain: one row per scorecard and version, challengers and retired ones included.
with

scorecards as (

    select * from {{ ref('scorecards') }}

),

outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

scorecard_metrics as (

    select * from {{ ref('scorecard_metrics') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

releases as (

    select * from {{ ref('released_versions') }}
    where kind = 'scorecard'

),

metric_counts as (

    select
        scorecard,
        version,
        sum(case when weight > 0 then 1 else 0 end) as weighted_metrics,
        sum(case when weight > 0 then 0 else 1 end) as shadow_metrics
    from scorecard_metrics
    group by 1, 2

),

leading_shares as (

    select
        weights.scorecard,
        weights.scorecard_version,
        sum(case when metrics.indicator_type = 'leading' then weights.weight else 0 end)
        / nullif(sum(weights.weight), 0)
            as leading_share
    from weights
    inner join metrics
        on weights.metric = metrics.metric
    group by 1, 2

),

final as (

    select
        scorecards.scorecard,
        scorecards.version as scorecard_version,
        scorecards.desired_outcome,
        outcomes.label as outcome_label,
        scorecards.segment,
        scorecards.status,
        scorecards.effective_from,
        scorecards.effective_to,
        scorecards.status = 'champion'
        and {{ is_in_force('scorecards') }} as is_in_force,
        cast(coalesce(metric_counts.weighted_metrics, 0) as integer) as weighted_metrics,
        cast(coalesce(metric_counts.shadow_metrics, 0) as integer) as shadow_metrics,
        cast(leading_shares.leading_share as double) as leading_share,
        scorecards.next_review_on,
        scorecards.next_review_on < {{ as_of_date() }} as is_review_overdue,
        releases.released_on,
        scorecards.rationale
    from scorecards
    left join outcomes
        on scorecards.desired_outcome = outcomes.desired_outcome
    left join metric_counts
        on scorecards.scorecard = metric_counts.scorecard
        and scorecards.version = metric_counts.version
    left join leading_shares
        on scorecards.scorecard = leading_shares.scorecard
        and scorecards.version = leading_shares.scorecard_version
    left join releases
        on scorecards.scorecard = releases.name
        and scorecards.version = releases.version

)

select * from final
