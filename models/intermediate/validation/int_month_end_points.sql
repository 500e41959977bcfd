-- Grain: one row per account, month end that can be judged by now, and metric of which something is known there.
-- The only place where validation reads the points of all history.
with

judged_days as (

    select distinct date_day from {{ ref('int_outcome_observations') }}

),

points as (

    select * from {{ ref('int_metric_points') }}

),

final as (

    select
        points.account_id,
        points.date_day,
        points.metric,
        points.value,
        points.value_status,
        points.points
    from points
    inner join judged_days
        on points.date_day = judged_days.date_day
    where {{ earns_points('points.value_status') }}

)

select * from final
