-- Grain: one row per account, day and rule whose condition holds on that day.
{{ config(materialized='view', tags=['what_if']) }}

with

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where {{ earns_points('value_status') }}

),

score_rules as (

    select * from {{ ref('score_rules') }}

),

final as (

    select
        metric_points.account_id,
        metric_points.date_day,
        score_rules.rule,
        score_rules.scorecard,
        score_rules.effect,
        score_rules.value as limit_points,
        score_rules.priority
    from metric_points
    inner join score_rules
        on metric_points.metric = score_rules.metric
        and metric_points.date_day >= score_rules.effective_from
        and metric_points.date_day < coalesce(score_rules.effective_to, {{ open_end() }})
    where {{ compares('metric_points.value', 'score_rules.comparator', 'score_rules.threshold') }}

)

select * from final
