-- Grain: one row per metric or measure that a milestone rests on: the first day on which it could be seen at all.
-- A metric can be seen from its source's first row on, a measure from its own first fact of any account.
with

milestones as (

    select * from {{ ref('milestones') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

facts as (

    select * from {{ ref('int_measures__unioned') }}

),

final as (

    select
        metric as observed,
        min(history_starts_on) as observable_from_on
    from metric_periods
    where metric in (select metric from milestones)
    group by 1
    union all
    select
        measure as observed,
        min(date_day) as observable_from_on
    from facts
    -- a state of zero is known from the start of a customer on, long before anything is watched
    where measure in (select measure from milestones)
        and value <> 0
    group by 1

)

select * from final
