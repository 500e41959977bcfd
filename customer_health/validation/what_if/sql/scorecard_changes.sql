-- Grain: one row per scorecard that was scored anew.
with

old_scores as (

    select * from before.scores
    where scorecard in (select unnest($scorecards))

),

new_scores as (

    select * from after.scores
    where scorecard in (select unnest($scorecards))

),

compared as (

    select
        coalesce(old_scores.scorecard, new_scores.scorecard) as scorecard,
        coalesce(old_scores.date_day, new_scores.date_day) as date_day,
        abs(new_scores.health_score - old_scores.health_score) as change,
        (new_scores.grade is distinct from old_scores.grade) as is_regraded,
        (
            (new_scores.health_score is null) <> (old_scores.health_score is null)
            or abs(new_scores.health_score - old_scores.health_score) > $tolerance
        ) as is_changed
    from old_scores
    full join new_scores
        on old_scores.account_id = new_scores.account_id
        and old_scores.date_day = new_scores.date_day
        and old_scores.scorecard = new_scores.scorecard

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
