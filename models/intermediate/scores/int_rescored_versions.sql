-- Grain: one row per account, day on which its scorecard's version changed, scorecard and metric: the effective weight
-- that the metric would have had on that day under the version of the day before.
{{ config(materialized='view') }}

with

version_changes as (

    select
        account_id,
        date_day,
        scorecard,
        previous_scorecard_version as scorecard_version
    from {{ ref('int_score_steps') }}
    where has_day_before
        and scorecard_version <> previous_scorecard_version

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}

),

weighted as (

    select
        version_changes.account_id,
        version_changes.date_day,
        version_changes.scorecard,
        weights.metric,
        weights.motion,
        weights.weight,
        {{ side_units('weights') }},
        metric_points.value_status,
        metric_points.points
    from version_changes
    inner join weights
        on version_changes.scorecard = weights.scorecard
        and version_changes.scorecard_version = weights.scorecard_version
    inner join metric_points
        on version_changes.account_id = metric_points.account_id
        and version_changes.date_day = metric_points.date_day
        and weights.metric = metric_points.metric

),

sides as (

    select
        weighted.account_id,
        weighted.date_day,
        weighted.scorecard,
        {{ side_sums('weighted') }}
    from weighted
    group by 1, 2, 3

),

final as (

    select
        weighted.account_id,
        weighted.date_day,
        weighted.scorecard,
        weighted.metric,
        {{ effective_weight('sides', 'weighted.motion', 'weighted.weight', 'weighted.points') }} as old_version_weight
    from weighted
    inner join sides
        on weighted.account_id = sides.account_id
        and weighted.date_day = sides.date_day
        and weighted.scorecard = sides.scorecard

)

select * from final
