-- Grain: one row per account, day of the index and scorecard: the score before rules, and the sides that it rests on.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores', tags=['what_if']) }}

with

sides as (

    select * from {{ ref('int_score_sides') }}
    where date_day >= {{ rebuild_from('scores') }}

),

final as (

    select
        sides.account_id,
        sides.date_day,
        sides.scorecard,
        sides.scorecard_version,
        sides.desired_outcome,
        sides.is_primary,
        sides.proactive_applicable_weight,
        sides.proactive_earned_weight,
        sides.proactive_weighted_points,
        sides.reactive_applicable_weight,
        sides.reactive_earned_weight,
        sides.reactive_weighted_points,
        {{ side_share('sides', 'proactive') }} as proactive_share,
        {{ side_share('sides', 'reactive') }} as reactive_share,
        {{ score_coverage('sides') }} as score_coverage,
        {{ score_status('sides') }} as score_status,
        {{ weighted_score('sides') }} as health_score_before_rules
    from sides

)

select * from final
