-- Grain: one row per account, day, scorecard, effect and metric (null for effects of the whole score): the part of the step
-- from the day before that this effect explains. The parts of a step sum to the change of the score; zeros are left out.
{{ config(
    materialized='incremental',
    incremental_strategy='day_range',
    layer='scores',
    pre_hook='{{ keep_ctes_whole() }}',
    post_hook='{{ inline_ctes_again() }}',
) }}

with

steps as (

    select * from {{ ref('int_score_steps') }}
    where date_day >= {{ add_days(rebuild_from('scores'), -1) }}

),

drivers as (

    select * from {{ ref('int_driver_days') }}
    where date_day >= {{ add_days(rebuild_from('scores'), -1) }}

),

rescored_versions as (

    select * from {{ ref('int_rescored_versions') }}
    where date_day >= {{ rebuild_from('scores') }}

),

continued_steps as (

    select
        *,
        (health_score_before_rules + previous_health_score_before_rules) / 2 as mean_score
    from steps
    where has_day_before
        and health_score is not null
        and previous_health_score is not null
        and date_day >= {{ rebuild_from('scores') }}

),

driver_steps as (

    select
        *,
        lag(effective_weight) over in_order as previous_effective_weight,
        lag(value) over in_order as previous_value,
        lag(points) over in_order as previous_points,
        lag(benchmark_version) over in_order as previous_benchmark_version,
        lag(benchmark_scope) over in_order as previous_benchmark_scope
    from drivers
    window in_order as (partition by account_id, scorecard, metric order by date_day)

),

moved as (

    select
        driver_steps.*,
        -- a metric that is known on one day only is taken to have stood where that day shows it
        coalesce(driver_steps.points, driver_steps.previous_points) as points_after,
        coalesce(driver_steps.previous_points, driver_steps.points) as points_before,
        continued_steps.mean_score,
        continued_steps.scorecard_version <> continued_steps.previous_scorecard_version as is_new_version
    from driver_steps
    inner join continued_steps
        on driver_steps.account_id = continued_steps.account_id
        and driver_steps.date_day = continued_steps.date_day
        and driver_steps.scorecard = continued_steps.scorecard
    where driver_steps.effective_weight <> driver_steps.previous_effective_weight
        or driver_steps.points <> driver_steps.previous_points

),

points_effects as (

    select
        account_id,
        date_day,
        scorecard,
        case
            when benchmark_version <> previous_benchmark_version
                or benchmark_scope <> previous_benchmark_scope then 'benchmark'
            when benchmark_method = 'peer_percentile' and value = previous_value then 'peers'
            else 'behaviour'
        end as effect,
        metric,
        (effective_weight + previous_effective_weight) / 2 * (points_after - points_before) as change_points
    from moved

),

weight_effects as (

    select
        moved.account_id,
        moved.date_day,
        moved.scorecard,
        moved.metric,
        moved.is_new_version,
        (moved.points_after + moved.points_before) / 2 - moved.mean_score as distance_points,
        moved.effective_weight,
        moved.previous_effective_weight,
        case
            when moved.is_new_version then coalesce(rescored_versions.old_version_weight, 0)
            else moved.effective_weight
        end as old_version_weight
    from moved
    left join rescored_versions
        on moved.account_id = rescored_versions.account_id
        and moved.date_day = rescored_versions.date_day
        and moved.scorecard = rescored_versions.scorecard
        and moved.metric = rescored_versions.metric

),

whole_score_effects as (

    select
        account_id,
        date_day,
        scorecard,
        'rule' as effect,
        (health_score - health_score_before_rules)
        - (previous_health_score - previous_health_score_before_rules) as change_points
    from continued_steps
    union all
    select
        account_id,
        date_day,
        scorecard,
        case when health_score is null then 'score_ended' else 'score_appeared' end as effect,
        coalesce(health_score, 0) - coalesce(case when has_day_before then previous_health_score end, 0) as change_points
    from steps
    where date_day >= {{ rebuild_from('scores') }}
        and (health_score is null) <> (coalesce(has_day_before, false) = false or previous_health_score is null)
    union all
    -- a score that stopped while the account was no customer has no row on which to end; it ends on the day of the return
    select
        account_id,
        date_day,
        scorecard,
        'score_ended' as effect,
        -previous_health_score as change_points
    from steps
    where date_day >= {{ rebuild_from('scores') }}
        and not has_day_before
        and previous_health_score is not null

),

effects as (

    select account_id, date_day, scorecard, effect, metric, change_points from points_effects
    union all
    select
        account_id,
        date_day,
        scorecard,
        'coverage' as effect,
        metric,
        (old_version_weight - previous_effective_weight) * distance_points as change_points
    from weight_effects
    union all
    select
        account_id,
        date_day,
        scorecard,
        'configuration' as effect,
        metric,
        (effective_weight - old_version_weight) * distance_points as change_points
    from weight_effects
    where is_new_version
    union all
    select
        account_id,
        date_day,
        scorecard,
        effect,
        cast(null as {{ dbt.type_string() }}) as metric,
        change_points
    from whole_score_effects

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        effect,
        metric,
        change_points
    from effects
    where change_points <> 0

)

select * from final
