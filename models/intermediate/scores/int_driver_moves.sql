-- Grain: one row per account, day, scorecard and metric whose points or effective weight differ from the day before,
-- where both days have a score: what moved, from where to where, and by what cause.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

steps as (

    select * from {{ ref('int_score_steps') }}
    where has_day_before
        and health_score is not null
        and previous_health_score is not null

),

drivers as (

    select * from {{ ref('int_driver_days') }}
    where date_day >= {{ rebuild_from('scores') }}

),

drivers_before as (

    select
        *,
        {{ add_days('date_day', 1) }} as day_after
    from {{ ref('int_driver_days') }}
    where date_day >= {{ add_days(rebuild_from('scores'), -1) }}

),

rescored_versions as (

    select * from {{ ref('int_rescored_versions') }}

),

-- two days are joined, not sorted: sorting all history costs twice the time
moved as (

    select
        drivers.account_id,
        drivers.date_day,
        drivers.scorecard,
        drivers.metric,
        drivers.effective_weight,
        drivers_before.effective_weight as previous_effective_weight,
        -- a metric that is known on one day only is taken to have stood where that day shows it
        coalesce(drivers.points, drivers_before.points) as points_after,
        coalesce(drivers_before.points, drivers.points) as points_before,
        case
            when drivers.benchmark_row <> drivers_before.benchmark_row then 'benchmark'
            when drivers.is_rank_among_peers and drivers.value = drivers_before.value then 'peers'
            else 'behaviour'
        end as points_cause
    from drivers
    inner join drivers_before
        on drivers.account_id = drivers_before.account_id
        and drivers.date_day = drivers_before.day_after
        and drivers.scorecard = drivers_before.scorecard
        and drivers.metric = drivers_before.metric
    where drivers.effective_weight <> drivers_before.effective_weight
        or drivers.points <> drivers_before.points

),

final as (

    select
        moved.*,
        (steps.health_score_before_rules + steps.previous_health_score_before_rules) / 2 as mean_score,
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
    left join rescored_versions
        on moved.account_id = rescored_versions.account_id
        and moved.date_day = rescored_versions.date_day
        and moved.scorecard = rescored_versions.scorecard
        and moved.metric = rescored_versions.metric

)

select * from final
