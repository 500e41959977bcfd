-- Grain: one row per account, metric and day on which a period of the account or of the metric's sources begins or
-- ends.
-- A level of a metric ends there, although none of its facts changed.
{{ config(materialized='view') }}

with

metrics as (

    select * from {{ ref('int_metric_strata') }}

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

accounts as (

    select distinct account_id from account_periods

),

metric_periods as (

    select
        metrics.stratum,
        periods.metric,
        periods.period_starts_on,
        periods.period_ends_on
    from {{ ref('int_metric_periods') }} as periods
    inner join metrics
        on periods.metric = metrics.metric

),

final as (

    select
        metrics.stratum,
        account_periods.account_id,
        metrics.metric,
        account_periods.period_starts_on as changed_on,
        account_periods.period_starts_on as account_period_starts_on,
        cast(null as date) as metric_period_starts_on,
        account_periods.period_ends_on
    from account_periods
    cross join metrics
    union all
    select
        metric_periods.stratum,
        accounts.account_id,
        metric_periods.metric,
        metric_periods.period_starts_on as changed_on,
        null as account_period_starts_on,
        metric_periods.period_starts_on as metric_period_starts_on,
        metric_periods.period_ends_on
    from accounts
    cross join metric_periods
    union all
    -- nothing is known from here on, unless the next period begins on the same day
    select
        metric_periods.stratum,
        accounts.account_id,
        metric_periods.metric,
        metric_periods.period_ends_on as changed_on,
        null as account_period_starts_on,
        metric_periods.period_ends_on as metric_period_starts_on,
        metric_periods.period_ends_on
    from accounts
    cross join metric_periods
    where metric_periods.period_ends_on <= {{ as_of_date() }}

)

select * from final
