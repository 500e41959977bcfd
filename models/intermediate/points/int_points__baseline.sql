-- Grain: one row per account, day and metric that is measured against the account's own past.
-- The baseline is the mean of the value on the baseline_days before the metric's window, taken from sums that run along
-- the account's days: the range is unique to each customer.
{{ config(materialized='view', tags=['what_if']) }}

with

metrics as (

    select
        metric,
        coalesce(window_days, 1) as window_days
    from {{ ref('metrics') }}
    where metric in (
            select metric from {{ ref('benchmarks') }}
            where method = 'own_baseline'
        )

),

rebuild_range as (

    select * from {{ ref('int_scoring_range') }}

),

-- one baseline and one window before the first rebuilt day
margin as (

    select
        {{ add_days(
            '(select points_from_on from rebuild_range)',
            '-max(window_days) - ' ~ (var('baseline_days') + 1),
        ) }} as first_day
    from metrics

),

sums as (

    select
        account_id,
        date_day,
        metric,
        sum(case when {{ earns_points('value_status') }} then cast(value as {{ exact_sum_type() }}) else 0 end)
            over so_far as value_so_far,
        sum(case when {{ earns_points('value_status') }} then 1 else 0 end) over so_far as days_so_far,
        lead(date_day) over (partition by account_id, metric order by date_day) as next_day
    from {{ ref('int_metrics__unioned') }}
    where metric in (select metric from metrics)
        and date_day >= (select first_day from margin)
    window so_far as (
        partition by account_id, metric order by date_day
        rows between unbounded preceding and current row
    )

),

history as (

    select
        account_id,
        metric,
        -- on the days between two spells the sums stand still
        {{ each_day('date_day', 'coalesce(' ~ add_days('next_day', -1) ~ ', date_day)') }} as date_day,
        value_so_far,
        days_so_far
    from sums

),

current_days as (

    select * from {{ ref('int_metric_benchmarks') }}
    where benchmark_method = 'own_baseline'
        -- says the same, but before the benchmarks are looked up
        and metric in (select metric from metrics)
        and date_day >= (select points_from_on from rebuild_range)

),

against_baseline as (

    select
        current_days.*,
        case
            when before_window.days_so_far - coalesce(before_baseline.days_so_far, 0) >= {{ var('baseline_min_days') }}
                then cast(before_window.value_so_far - coalesce(before_baseline.value_so_far, 0) as double)
                    / nullif(before_window.days_so_far - coalesce(before_baseline.days_so_far, 0), 0)
        end as baseline_value
    from current_days
    inner join metrics
        on current_days.metric = metrics.metric
    left join history as before_window
        on current_days.account_id = before_window.account_id
        and current_days.metric = before_window.metric
        and before_window.date_day = {{ add_days('current_days.date_day', '-metrics.window_days') }}
    left join history as before_baseline
        on current_days.account_id = before_baseline.account_id
        and current_days.metric = before_baseline.metric
        and before_baseline.date_day = {{ add_days(
            'current_days.date_day', '-metrics.window_days - ' ~ var('baseline_days')
        ) }}

),

final as (

    select
        account_id,
        date_day,
        metric,
        value,
        -- a number without a normal to hold it against is no better than one without a denominator
        case
            when {{ earns_points('value_status') }} and baseline_value is null then 'too_early'
            when {{ earns_points('value_status') }} and baseline_value = 0 then 'no_base'
            else value_status
        end as value_status,
        case
            when {{ earns_points('value_status') }} and baseline_value <> 0
                then {{ normalise_points('value / nullif(baseline_value, 0)', 'floor', 'target') }}
        end as points,
        benchmark_method,
        benchmark_version,
        benchmark_scope
    from against_baseline

)

select * from final
