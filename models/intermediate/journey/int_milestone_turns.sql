-- Grain: one row per account, condition of a milestone on a metric and day on which it begins or ceases to hold.
-- A condition on a metric holds on days on which the metric counts. Kept from build to build: most days turn nothing,
-- and whoever asks when a condition held need not read a metric's every day again.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='milestones') }}

with

conditions as (

    select distinct
        metric,
        comparator,
        threshold
    from {{ ref('milestones') }}
    where metric is not null

),

metrics as (

    select * from {{ ref('int_metrics') }}
    -- the day before tells what is new
    where date_day >= {{ add_days(rebuild_from('milestones'), -1) }}

),

held_days as (

    select
        metrics.account_id,
        metrics.date_day,
        metrics.metric,
        metrics.value,
        conditions.comparator,
        conditions.threshold
    from metrics
    inner join conditions
        on metrics.metric = conditions.metric
    where {{ earns_points('metrics.value_status') }}
        and {{ compares('metrics.value', 'conditions.comparator', 'conditions.threshold') }}

),

neighbours as (

    select
        *,
        lag(date_day) over in_order as day_before,
        lead(date_day) over in_order as day_after
    from held_days
    window in_order as (partition by account_id, metric, comparator, threshold order by date_day)

),

final as (

    select
        account_id,
        date_day,
        metric,
        comparator,
        threshold,
        true as is_held,
        value
    from neighbours
    where date_day >= {{ rebuild_from('milestones') }}
        and coalesce(day_before < {{ add_days('date_day', -1) }}, true)
    union all
    select
        account_id,
        {{ add_days('date_day', 1) }} as date_day,
        metric,
        comparator,
        threshold,
        false as is_held,
        null as value
    from neighbours
    where date_day < {{ as_of_date() }}
        and coalesce(day_after > {{ add_days('date_day', 1) }}, true)

)

select * from final
