-- Grain: one row per account, condition of a milestone and stretch of days on which it holds.
-- A condition on a metric holds on days on which the metric counts; on an additive measure, on the day of the fact; on a
-- state, from the day on which it begins.
with

conditions as (

    select distinct metric, measure, comparator, threshold from {{ ref('milestones') }}

),

measures as (

    select * from {{ ref('measures') }}

),

metric_days as (

    select
        metrics.account_id,
        metrics.date_day as holds_from_on,
        {{ add_days('metrics.date_day', 1) }} as holds_until_on,
        metrics.metric,
        cast(null as {{ dbt.type_string() }}) as measure,
        metrics.value
    from {{ ref('int_metrics') }} as metrics
    where metrics.metric in (select metric from conditions)
        and {{ earns_points('metrics.value_status') }}

),

facts as (

    select
        facts.account_id,
        facts.date_day,
        facts.measure,
        facts.value,
        measures.kind,
        lead(facts.date_day) over (partition by facts.account_id, facts.measure order by facts.date_day) as next_day
    from {{ ref('int_measures__unioned') }} as facts
    inner join measures
        on facts.measure = measures.measure
    where facts.measure in (select measure from conditions)

),

measure_days as (

    select
        account_id,
        date_day as holds_from_on,
        case
            when kind = 'additive' then {{ add_days('date_day', 1) }}
            else coalesce(next_day, {{ open_end() }})
        end as holds_until_on,
        cast(null as {{ dbt.type_string() }}) as metric,
        measure,
        cast(value as double) as value
    from facts

),

observations as (

    select * from metric_days
    union all
    select * from measure_days

),

final as (

    select
        observations.account_id,
        coalesce(conditions.metric, conditions.measure) as observed,
        conditions.comparator,
        conditions.threshold,
        observations.holds_from_on,
        observations.holds_until_on,
        observations.value
    from observations
    inner join conditions
        on observations.metric = conditions.metric
        or observations.measure = conditions.measure
    where {{ compares('observations.value', 'conditions.comparator', 'conditions.threshold') }}

)

select * from final
