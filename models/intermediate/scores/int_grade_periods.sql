-- Grain: one row per account, scorecard and period of days with the same grade of the day, both ends included.
-- Most days repeat the day before, so only these periods are followed through history. They cover the days that this
-- build recomputes. Periods of one stretch follow each other without a missing day.
{{ config(materialized='view', tags=['what_if']) }}

with

scores as (

    select
        account_id,
        scorecard,
        date_day,
        raw_grade,
        rule_applied is not null as is_ruled
    from {{ ref('int_ruled_scores') }}
    where date_day >= (select scores_from_on from {{ ref('int_scoring_range') }})

),

-- one number instead of two names where all history has to be put in order
series as (

    select
        account_id,
        scorecard,
        max(date_day) as last_day,
        row_number() over (order by account_id, scorecard) as series_number
    from scores
    group by 1, 2

),

neighbours as (

    select
        series.series_number,
        scores.date_day,
        scores.raw_grade,
        scores.is_ruled,
        lag(scores.date_day) over day_by_day as previous_day,
        lag(scores.raw_grade) over day_by_day as grade_of_previous_day,
        lag(scores.is_ruled) over day_by_day as is_previous_day_ruled
    from scores
    inner join series
        on scores.account_id = series.account_id
        and scores.scorecard = series.scorecard
    window day_by_day as (partition by series.series_number order by scores.date_day)

),

-- the few days on which something begins: from here on one row for all days until the next one
turns as (

    select
        *,
        previous_day is null or previous_day < {{ add_days('date_day', -1) }} as is_after_gap
    from neighbours
    where previous_day is null
        or previous_day < {{ add_days('date_day', -1) }}
        or is_ruled <> is_previous_day_ruled
        or coalesce(raw_grade, '') <> coalesce(grade_of_previous_day, '')

),

final as (

    select
        series.account_id,
        series.scorecard,
        turns.date_day as starts_on,
        coalesce(lead(turns.previous_day) over turn_by_turn, series.last_day) as ends_on,
        turns.raw_grade,
        turns.is_ruled,
        sum(case when turns.is_after_gap then 1 else 0 end) over turn_by_turn as stretch
    from turns
    inner join series
        on turns.series_number = series.series_number
    window turn_by_turn as (partition by turns.series_number order by turns.date_day)

)

select * from final
