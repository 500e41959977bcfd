-- Grain: one row per account, day and scorecard whose confirmed grade is another one than on the day before.
with

days as (

    select
        account_id,
        scorecard,
        desired_outcome,
        date_day,
        last_grade,
        health_score
    from health.fct_health_scores
    where date_day >= $first_day - 7
        and date_day <= $last_day

),

places as (

    select
        grade,
        row_number() over (order by min_score) as place
    from health.dim_grades
    where is_in_force

)

select
    days.account_id,
    days.scorecard,
    days.date_day,
    accounts.account_name,
    accounts.csm_id,
    accounts.csm_name,
    accounts.mrr_usd,
    day_before.last_grade as grade_before,
    days.last_grade as grade_now,
    days.health_score as score_now,
    week.health_score as score_week_ago,
    coalesce(places.place - places_before.place, 0) as steps,
    places.place = 1 as is_lowest,
    case when days.date_day = $last_day then current_rows.main_cause_28d end as cause
from days
inner join days as day_before
    on days.account_id = day_before.account_id
    and days.scorecard = day_before.scorecard
    and days.date_day = day_before.date_day + 1
inner join health.dim_accounts as accounts
    on days.account_id = accounts.account_id
left join days as week
    on days.account_id = week.account_id
    and days.scorecard = week.scorecard
    and days.date_day = week.date_day + 7
left join places
    on days.last_grade = places.grade
left join places as places_before
    on day_before.last_grade = places_before.grade
left join {in_words} as current_rows
    on days.account_id = current_rows.account_id
    and days.scorecard = current_rows.scorecard
where days.last_grade <> day_before.last_grade
    and days.date_day >= $first_day
order by days.date_day, days.account_id, days.scorecard
