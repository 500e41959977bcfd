-- Grain: one row per metric, operand and measure: how daily facts of the measure flow into the metric.
-- A metric has a numerator and perhaps a denominator; a change has both a second time, one window earlier.
-- kind of flow: windowed (a fact counts for window_days), active_day (so does each day with a fact), in_force (a state
-- counts until the next one), last_seen (only the day matters), maximum (the largest fact of the window).
with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

sides as (

    select metric, aggregation, window_days, measure, 'numerator' as side from metrics
    union all
    select metric, aggregation, window_days, denominator_measure as measure, 'denominator' as side from metrics
    where denominator_measure is not null

),

moments as (

    select *, 0 as shift_days, side as operand from sides
    union all
    select *, window_days as shift_days, 'previous_' || side as operand from sides
    where aggregation = 'change'

),

final as (

    select
        moments.metric,
        moments.operand,
        moments.measure,
        moments.shift_days,
        moments.window_days,
        case
            when measures.kind in ('state', 'date') then 'in_force'
            when moments.aggregation = 'active_days' then 'active_day'
            when moments.aggregation = 'days_since' then 'last_seen'
            when moments.aggregation = 'max' then 'maximum'
            else 'windowed'
        end as flow
    from moments
    inner join measures
        on moments.measure = measures.measure

)

select * from final
