select
    grade,
    count(*) as registrations,
    round(100.0 * avg(case when end_reason = 'cancelled' then 1 else 0 end), 1) as cancelled_pct
from (
    select
        scores.account_id,
        arg_max(scores.grade, scores.date_day) as grade
    from health.fct_health_scores as scores
    where scores.grade is not null
    group by 1
) as last_grades
inner join (
    select account_id, max(end_reason) as end_reason
    from staging.stg_billing__subscriptions
    where end_reason in ('cancelled', 'completed')
    group by 1
) as ends on last_grades.account_id = ends.account_id
group by 1
order by 1
