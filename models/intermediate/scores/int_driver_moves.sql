-- Grain: one row per account, day, scorecard and metric whose points or effective weight differ from the day before, where
-- both days have a score: what moved, from where to where, and by what cause.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

steps as (

    select * from {{ ref('int_score_steps') }}
    where has_day_before
        and health_score is not null
        and previous_health_score is not null
        and date_day >= {{ rebuild_from('scores') }}

),

-- the few columns that tell whether anything moved: this is the one sort of all history on a full refresh
drivers as (

    select
        account_id,
        date_day,
        scorecard,
        metric,
        points,
        effective_weight
    from {{ ref('int_driver_days') }}
    where date_day >= {{ add_days(rebuild_from('scores'), -1) }}

),

driver_steps as (

    select
        *,
        lag(points) over in_order as previous_points,
        lag(effective_weight) over in_order as previous_effective_weight
    from drivers
    window in_order as (partition by account_id, scorecard, metric order by date_day)

),

moved as (

    select * from driver_steps
    where effective_weight <> previous_effective_weight
        or points <> previous_points

),

rescored_versions as (

    select * from {{ ref('int_rescored_versions') }}
    where date_day >= {{ rebuild_from('scores') }}

),

points_after as (

    select * from {{ ref('fct_metric_points') }}
    where date_day >= {{ rebuild_from('scores') }}

),

points_before as (

    select * from {{ ref('fct_metric_points') }}
    where date_day >= {{ add_days(rebuild_from('scores'), -1) }}

),

final as (

    select
        moved.account_id,
        moved.date_day,
        moved.scorecard,
        moved.metric,
        case
            when points_after.benchmark_version <> points_before.benchmark_version
                or points_after.benchmark_scope <> points_before.benchmark_scope then 'benchmark'
            when points_after.benchmark_method = 'peer_percentile' and points_after.value = points_before.value
                then 'peers'
            else 'behaviour'
        end as points_cause,
        -- a metric that is known on one day only is taken to have stood where that day shows it
        coalesce(moved.points, moved.previous_points) as points_after,
        coalesce(moved.previous_points, moved.points) as points_before,
        (steps.health_score_before_rules + steps.previous_health_score_before_rules) / 2 as mean_score,
        moved.effective_weight,
        moved.previous_effective_weight,
        steps.scorecard_version <> steps.previous_scorecard_version as is_new_version,
        case
            when steps.scorecard_version <> steps.previous_scorecard_version
                then coalesce(rescored_versions.old_version_weight, 0)
            else moved.effective_weight
        end as old_version_weight
    from moved
    inner join steps
        on moved.account_id = steps.account_id
        and moved.date_day = steps.date_day
        and moved.scorecard = steps.scorecard
    inner join points_after
        on moved.account_id = points_after.account_id
        and moved.date_day = points_after.date_day
        and moved.metric = points_after.metric
    inner join points_before
        on moved.account_id = points_before.account_id
        and moved.date_day = {{ add_days('points_before.date_day', 1) }}
        and moved.metric = points_before.metric
    left join rescored_versions
        on moved.account_id = rescored_versions.account_id
        and moved.date_day = rescored_versions.date_day
        and moved.scorecard = rescored_versions.scorecard
        and moved.metric = rescored_versions.metric

)

select * from final
