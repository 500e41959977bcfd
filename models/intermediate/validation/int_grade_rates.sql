-- Grain: one row per outcome, horizon, month end and grade: how often the outcome had followed on that grade, by what
-- was decided on that month end. It is what a probability shown on that day could rest on.
{{ config(tags=['what_if']) }}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'

),

counted as (

    select
        outcome,
        horizon_days,
        decided_on,
        grade,
        count(*) as observations,
        sum(case when has_outcome then 1 else 0 end) as events
    from pairs
    group by 1, 2, 3, 4

),

month_ends as (

    select distinct outcome, horizon_days, date_day as known_on from pairs

),

final as (

    select
        month_ends.outcome,
        month_ends.horizon_days,
        month_ends.known_on,
        counted.grade,
        cast(sum(counted.observations) as double) as observations,
        cast(sum(counted.events) as double) as events,
        cast(sum(sum(counted.observations)) over all_grades as double) as all_observations,
        cast(sum(sum(counted.events)) over all_grades as double) as all_events
    from month_ends
    inner join counted
        on month_ends.outcome = counted.outcome
        and month_ends.horizon_days = counted.horizon_days
        and month_ends.known_on >= counted.decided_on
    group by 1, 2, 3, 4
    window all_grades as (partition by month_ends.outcome, month_ends.horizon_days, month_ends.known_on)

)

select * from final
