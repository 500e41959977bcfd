-- Grain: one row per account, day of the index and scorecard: what its weighted metrics earned, summed by side.
{{ config(materialized='view', tags=['what_if']) }}

with

metric_points as (

    select * from {{ ref('int_metric_points') }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

assignments as (

    -- one number instead of six names: grouping by it takes a quarter less time, and less memory
    select
        *,
        row_number() over (order by account_id, scorecard, assigned_from_on) as assignment_number
    from {{ ref('int_scorecard_assignments') }}

),

weighed as (

    select
        assignments.account_id,
        assignments.assignment_number,
        assignments.assigned_from_on,
        assignments.assigned_to_on,
        weights.metric,
        {{ side_units('weights') }}
    from assignments
    inner join weights
        on assignments.scorecard = weights.scorecard
        and assignments.scorecard_version = weights.scorecard_version

),

weighted as (

    select
        weighed.assignment_number,
        metric_points.date_day,
        metric_points.value_status,
        metric_points.points,
        weighed.proactive_units,
        weighed.reactive_units
    from metric_points
    inner join weighed
        on metric_points.account_id = weighed.account_id
        and metric_points.metric = weighed.metric
        and metric_points.date_day >= weighed.assigned_from_on
        and metric_points.date_day < weighed.assigned_to_on

),

sides as (

    select
        weighted.assignment_number,
        weighted.date_day,
        {{ side_sums('weighted') }}
    from weighted
    group by 1, 2

),

final as (

    select
        assignments.account_id,
        sides.date_day,
        assignments.scorecard,
        assignments.scorecard_version,
        assignments.desired_outcome,
        assignments.is_primary,
        sides.proactive_applicable_weight,
        sides.proactive_earned_weight,
        sides.proactive_weighted_points,
        sides.reactive_applicable_weight,
        sides.reactive_earned_weight,
        sides.reactive_weighted_points
    from sides
    inner join assignments
        on sides.assignment_number = assignments.assignment_number

)

select * from final
