-- Grain: one row per account, day of the index and scorecard: the score before rules, and the sides that it rests on.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores', tags=['what_if']) }}

with

sides as (

    select * from {{ ref('int_score_sides') }}
    where date_day >= {{ rebuild_from('scores') }}

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        proactive_applicable_weight,
        proactive_earned_weight,
        proactive_weighted_points,
        reactive_applicable_weight,
        reactive_earned_weight,
        reactive_weighted_points,
        {{ side_share('sides', 'proactive') }} as proactive_share,
        {{ side_share('sides', 'reactive') }} as reactive_share,
        {{ score_coverage('sides') }} as score_coverage,
        {{ score_status('sides') }} as score_status,
        {{ weighted_score('sides') }} as health_score_before_rules
    from sides

)

select * from final
