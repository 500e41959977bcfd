-- Grain: one row per horizon and scorecard, all of them together first.
with

judged as (

    select * from after.accuracy
    where outcome = $outcome
        and period = 'all'
        and (scorecard = 'all' or scorecard in (select unnest($scorecards)))

),

before as (

    select * from judged
    where predictor = $before

),

after as (

    select * from judged
    where predictor = 'scorecard'

),

final as (

    select
        coalesce(before.scorecard, after.scorecard) as scorecard,
        coalesce(before.horizon_days, after.horizon_days) as horizon_days,
        coalesce(after.accounts_with_outcome, before.accounts_with_outcome) as departures,
        before.auc as area_before,
        after.auc as area_after,
        after.auc - before.auc as difference,
        after.observations = before.observations and after.events = before.events as judge_same_days,
        case when judge_same_days then after.auc_minus_generic_low end as difference_low,
        case when judge_same_days then after.auc_minus_generic_high end as difference_high,
        before.lowest_tenth_lift as lift_before,
        after.lowest_tenth_lift as lift_after
    from after
    full join before
        on after.scorecard = before.scorecard
        and after.horizon_days = before.horizon_days

)

select * exclude (judge_same_days) from final
order by scorecard <> 'all', scorecard, horizon_days
