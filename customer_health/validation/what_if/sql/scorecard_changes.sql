-- Grain: one row per scorecard that was scored anew.
with

before as (

    select * from before.scores
    where scorecard in (select unnest($scorecards))

),

after as (

    select * from after.scores
    where scorecard in (select unnest($scorecards))

),

compared as (

    select
        coalesce(before.scorecard, after.scorecard) as scorecard,
        coalesce(before.date_day, after.date_day) as date_day,
        abs(after.health_score - before.health_score) as change,
        after.grade is distinct from before.grade as is_regraded,
        (after.health_score is null) <> (before.health_score is null)
        or abs(after.health_score - before.health_score) > $tolerance as is_changed
    from before
    full join after
        on before.account_id = after.account_id
        and before.date_day = after.date_day
        and before.scorecard = after.scorecard

)

select
    scorecard,
    count(*) as days,
    count(*) filter (is_changed) as days_changed,
    count(*) filter (is_regraded) as days_regraded,
    min(date_day) filter (is_changed or is_regraded) as first_changed_on,
    avg(change) as mean_change,
    avg(change) filter (date_day = $as_of) as mean_change_today
from compared
group by 1
order by 1
