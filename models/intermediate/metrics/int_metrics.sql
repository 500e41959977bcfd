-- Grain: one row per account, day of the index and metric: the windowed number and how much it is worth.
-- No metric has SQL of its own. Facts become steps (+value when a fact enters its window, -value when it leaves), a running
-- sum of steps is the level of a metric, and only finished levels are spread over the days of the index.
{{ config(materialized='incremental', incremental_strategy='day_range') }}

{% set rebuild_from_on = rebuild_from() %}

with

levels as (

    {{ metric_levels(ref('int_measures__unioned'), rebuild_from_on) }}

),

metrics as (

    select
        metrics.*,
        measures.kind as measure_kind
    from {{ ref('metrics') }} as metrics
    inner join {{ ref('measures') }} as measures
        on metrics.measure = measures.measure

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

untracked_accounts as (

    select * from {{ ref('instrumentation') }}
    where account_id is not null

),

described as (

    select
        levels.account_id,
        levels.metric,
        account_periods.segment,
        account_periods.tenure_band,
        levels.starts_on,
        least(levels.ends_on, account_periods.period_ends_on) as ends_on,
        {{ metric_level_value() }} as level_value,
        {{ metric_counted_from() }} as counted_from_on,
        {{ metric_level_status() }} as level_status,
        {{ metric_status_dates() }}
    from levels
    inner join metrics
        on levels.metric = metrics.metric
    inner join account_periods
        on levels.account_id = account_periods.account_id
        and levels.account_period_starts_on = account_periods.period_starts_on
    left join metric_periods
        on levels.metric = metric_periods.metric
        and levels.metric_period_starts_on = metric_periods.period_starts_on
        and levels.starts_on < metric_periods.period_ends_on
    left join untracked_accounts
        on metrics.measure = untracked_accounts.measure
        and levels.account_id = untracked_accounts.account_id

),

level_days as (

    select
        account_id,
        {{ each_day('starts_on', add_days('ends_on', -1)) }} as date_day,
        metric,
        segment,
        tenure_band,
        level_value,
        counted_from_on,
        level_status,
        applies_from_on,
        applies_until_on,
        tracked_from_on,
        tracked_until_on,
        early_until_on,
        stale_from_on
    from described
    where starts_on < ends_on

),

final as (

    select
        account_id,
        date_day,
        metric,
        segment,
        tenure_band,
        {{ metric_value() }} as value,
        {{ metric_status() }} as value_status
    from level_days

)

select * from final
