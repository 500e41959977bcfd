-- Grain: one row per account, day, scorecard, effect and metric (null for effects of the whole score): the part of the
-- step from the day before that this effect explains. The parts of a step sum to the change of the score; zeros are
-- left out.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

steps as (

    select * from {{ ref('int_score_steps') }}
    where date_day >= {{ rebuild_from('scores') }}

),

moves as (

    select * from {{ ref('int_driver_moves') }}
    where date_day >= {{ rebuild_from('scores') }}

),

whole_score_effects as (

    select
        account_id,
        date_day,
        scorecard,
        'rule' as effect,
        (health_score - health_score_before_rules)
        - (previous_health_score - previous_health_score_before_rules) as change_points
    from steps
    where has_day_before
        and health_score is not null
        and previous_health_score is not null
    union all
    select
        account_id,
        date_day,
        scorecard,
        case when health_score is null then 'score_ended' else 'score_appeared' end as effect,
        coalesce(health_score, 0) - coalesce(case when has_day_before then previous_health_score end, 0)
            as change_points
    from steps
    where (health_score is null) <> (coalesce(has_day_before, false) = false or previous_health_score is null)
    union all
    -- a score that stopped while the account was no customer has no row on which to end; it ends on the day of the
    -- return
    select
        account_id,
        date_day,
        scorecard,
        'score_ended' as effect,
        -previous_health_score as change_points
    from steps
    where not has_day_before
        and previous_health_score is not null

),

effects as (

    select
        account_id,
        date_day,
        scorecard,
        points_cause as effect,
        metric,
        (effective_weight + previous_effective_weight) / 2 * (points_after - points_before) as change_points
    from moves
    union all
    select
        account_id,
        date_day,
        scorecard,
        'coverage' as effect,
        metric,
        (old_version_weight - previous_effective_weight)
        * ((points_after + points_before) / 2 - mean_score) as change_points
    from moves
    union all
    select
        account_id,
        date_day,
        scorecard,
        'configuration' as effect,
        metric,
        (effective_weight - old_version_weight) * ((points_after + points_before) / 2 - mean_score) as change_points
    from moves
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
