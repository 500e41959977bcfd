-- Grain: one row per scorecard and grade for which it can be told how many customers stay.
-- By the scorecard's own record where enough customers left under it, else by that of all scorecards together; nothing
-- is said where even these are too few. Only what is decided by the last day is in it, so nothing of the future.
with

calibration as (

    select * from {{ ref('int_score_calibration') }}
    where outcome = 'churned'
        and horizon_days = {{ renewal_outcome_horizon() }}
        and bin_kind = 'grade'

),

departures as (

    select scorecard, account_id from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'
        and outcome = 'churned'
        and horizon_days = {{ renewal_outcome_horizon() }}
        and has_outcome

),

supported as (

    select scorecard from departures
    group by 1
    having count(distinct account_id) >= {{ var('accuracy_min_accounts') }}
    union all
    select 'all' as scorecard from departures
    having count(distinct account_id) >= {{ var('accuracy_min_accounts') }}

),

scorecards as (

    select distinct scorecard from {{ ref('scorecards') }}

),

candidates as (

    select
        scorecards.scorecard,
        calibration.bin as grade,
        calibration.scorecard as learned_from,
        calibration.outcome_rate,
        calibration.outcome_rate_low,
        calibration.outcome_rate_high,
        row_number() over (
            partition by scorecards.scorecard, calibration.bin
            order by case when calibration.scorecard = 'all' then 1 else 0 end
        ) as precedence
    from scorecards
    inner join supported
        on supported.scorecard in (scorecards.scorecard, 'all')
    inner join calibration
        on supported.scorecard = calibration.scorecard

),

final as (

    select
        scorecard,
        grade,
        learned_from,
        1 - outcome_rate as renewal_probability,
        1 - outcome_rate_high as renewal_probability_low,
        1 - outcome_rate_low as renewal_probability_high
    from candidates
    where precedence = 1

)

select * from final
