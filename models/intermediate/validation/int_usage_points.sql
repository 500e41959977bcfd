-- Grain: one row per account, month end that is looked at, and metric of adoption: what groups of use are found in.
-- Two month ends: the last one, to say who belongs where, and the last one of which it is decided who left within
-- renewal_outcome_horizon_days, to say what becomes of a group.
with

account_days as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ dbt.last_day('date_day', 'month') }}
        and not is_in_grace

),

metrics as (

    select * from {{ ref('metrics') }}
    where domain = 'adoption'

),

month_ends as (

    select
        max(date_day) as latest_on,
        max(case
            when {{ days_between('date_day', as_of_date()) }}
                >= {{ renewal_outcome_horizon() | int + var('grace_days') }}
                then date_day
        end) as decided_on
    from account_days

),

final as (

    select
        points.account_id,
        points.date_day,
        points.date_day = month_ends.latest_on as is_latest,
        metrics.metric,
        metrics.label,
        points.points
    from {{ ref('int_metric_points') }} as points
    inner join month_ends
        on points.date_day = month_ends.latest_on
        or points.date_day = month_ends.decided_on
    inner join metrics
        on points.metric = metrics.metric
    inner join account_days
        on points.account_id = account_days.account_id
        and points.date_day = account_days.date_day

)

select * from final
