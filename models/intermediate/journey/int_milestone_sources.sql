-- Grain: one row per metric or measure that a milestone rests on: the first day on which it could be seen at all.
-- A metric can be seen from its source's first row on; a measure from the first fact other than 0 of any account, but
-- not before its table has rows: a state of 0 begins with the customer, long before anybody watched.
with

milestones as (

    select * from {{ ref('milestones') }}

),

measures as (

    select * from {{ ref('measures') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

facts as (

    select * from {{ ref('int_measures__unioned') }}

),

first_facts as (

    select
        measure,
        min(date_day) as first_fact_on
    from facts
    where measure in (select measure from milestones)
        and value <> 0
    group by 1

),

first_rows as (

    select
        raw_table,
        min(date_day) as first_row_on
    from {{ ref('int_source_days') }}
    group by 1

),

final as (

    select
        metric as observed,
        min(observable_from_on) as observable_from_on
    from metric_periods
    where metric in (select metric from milestones)
    group by 1
    union all
    select
        first_facts.measure as observed,
        greatest(
            first_facts.first_fact_on,
            coalesce(first_rows.first_row_on, first_facts.first_fact_on)
        ) as observable_from_on
    from first_facts
    inner join measures
        on first_facts.measure = measures.measure
    left join first_rows
        on measures.raw_table = first_rows.raw_table

)

select * from final
