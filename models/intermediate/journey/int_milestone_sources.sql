-- Grain: one row per metric or measure that a milestone rests on: the first day on which its source was watched.
with

milestones as (

    select * from {{ ref('milestones') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

measures as (

    select * from {{ ref('measures') }}

),

source_days as (

    select * from {{ ref('int_source_days') }}

),

final as (

    select
        milestones.metric as observed,
        min(metric_periods.history_starts_on) as observable_from_on
    from milestones
    inner join metric_periods
        on milestones.metric = metric_periods.metric
    group by 1
    union all
    select
        milestones.measure as observed,
        min(source_days.date_day) as observable_from_on
    from milestones
    inner join measures
        on milestones.measure = measures.measure
    inner join source_days
        on measures.raw_table = source_days.raw_table
    group by 1

)

select * from final
