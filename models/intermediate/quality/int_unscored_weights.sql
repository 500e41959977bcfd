-- Grain: one row per account, scorecard and weighted metric that earned no points on the last day, with the measure to
-- blame. Where a metric stands on two measures, it is the one that is not recorded: its table, or a column of it, never
-- told.
{{ config(materialized='view') }}

with

drivers as (

    select * from {{ ref('int_score_drivers') }}
    where date_day = {{ as_of_date() }}
        and value_status <> 'not_applicable'
        and not {{ earns_points('value_status') }}

),

accounts as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

registry as (

    select * from {{ ref('int_metric_registry') }}
    where metric is null

),

instrumentation as (

    select * from {{ ref('int_measure_instrumentation') }}

),

account_gaps as (

    select
        account_id,
        measure,
        {{ sorted_list("case when raw_table <> 'accounts' then column_name end") }} as missing_columns
    from {{ ref('int_account_gaps') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}
    group by 1, 2

),

-- zeros of a source that never told are no values
recorded as (

    select
        accounts.account_id,
        registry.measure,
        coalesce(account_gaps.missing_columns, instrumentation.missing_columns) as missing_columns,
        registry.has_rows
        and (instrumentation.measure is null or instrumentation.instrumented_from_on is not null)
        and account_gaps.measure is null as is_recorded
    from accounts
    cross join registry
    left join instrumentation
        on registry.measure = instrumentation.measure
    left join account_gaps
        on accounts.account_id = account_gaps.account_id
        and registry.measure = account_gaps.measure

),

blamed as (

    select
        drivers.account_id,
        drivers.scorecard,
        drivers.metric,
        drivers.weight,
        drivers.value_status,
        case
            when drivers.value_status = 'no_base' then coalesce(metrics.denominator_measure, metrics.measure)
            when drivers.value_status = 'not_instrumented'
                and numerators.is_recorded
                and not denominators.is_recorded then metrics.denominator_measure
            else metrics.measure
        end as measure
    from drivers
    inner join metrics
        on drivers.metric = metrics.metric
    left join recorded as numerators
        on drivers.account_id = numerators.account_id
        and metrics.measure = numerators.measure
    left join recorded as denominators
        on drivers.account_id = denominators.account_id
        and metrics.denominator_measure = denominators.measure

),

final as (

    select
        blamed.*,
        accounts.mrr_usd,
        case when blamed.value_status = 'not_instrumented' then recorded.missing_columns end as missing_columns
    from blamed
    inner join accounts
        on blamed.account_id = accounts.account_id
    left join recorded
        on blamed.account_id = recorded.account_id
        and blamed.measure = recorded.measure

)

select * from final
