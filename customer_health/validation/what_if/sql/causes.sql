-- Grain: one row per account and metric that moves its headline score.
-- The same exact split as in fct_score_changes, between two configurations instead of two days: other points count by
-- the mean weight, another weight by how far the points lie from the mean score. Accounts are written out, so that
-- points of others are passed over where they are read.
with

asked as (

    select
        *,
        (score_before + score_after) / 2 as mean_score
    from headlines
    where account_id in ({accounts})

),

old as (

    select
        drivers.account_id,
        drivers.metric,
        drivers.points,
        drivers.effective_weight
    from before.drivers as drivers
    inner join asked
        on drivers.account_id = asked.account_id
        and drivers.scorecard = asked.scorecard_before
    where drivers.date_day = $as_of
        and drivers.account_id in ({accounts})

),

new as (

    select
        drivers.account_id,
        drivers.metric,
        drivers.points,
        drivers.effective_weight
    from after.drivers as drivers
    inner join asked
        on drivers.account_id = asked.account_id
        and drivers.scorecard = asked.scorecard_after
    where drivers.date_day = $as_of
        and drivers.account_id in ({accounts})

),

moved as (

    select
        coalesce(old.account_id, new.account_id) as account_id,
        coalesce(old.metric, new.metric) as metric,
        coalesce(old.effective_weight, 0) as weight_before,
        coalesce(new.effective_weight, 0) as weight_after,
        coalesce(old.points, new.points) as points_before,
        coalesce(new.points, old.points) as points_after
    from old
    full join new
        on old.account_id = new.account_id
        and old.metric = new.metric

)

select
    moved.account_id,
    coalesce(metrics.label, moved.metric) as label,
    (weight_after - weight_before) * ((points_before + points_after) / 2 - mean_score) as by_weight,
    (weight_before + weight_after) / 2 * (points_after - points_before) as by_points
from moved
inner join asked
    on moved.account_id = asked.account_id
left join configuration.metrics as metrics
    on moved.metric = metrics.metric
where points_before is not null
    and mean_score is not null
order by moved.account_id, abs(by_weight + by_points) desc, label
