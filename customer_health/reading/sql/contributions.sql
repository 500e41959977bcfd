select
    drivers.metric, metrics.label, drivers.component, drivers.motion, points.value, metrics.unit,
    metrics.aggregation, metrics.domain, drivers.value_status, drivers.points, drivers.weight,
    drivers.effective_weight, drivers.contribution, drivers.loss
from health.fct_score_drivers as drivers
inner join health.fct_metric_points as points
    on drivers.account_id = points.account_id
    and drivers.metric = points.metric
    and points.account_id = $account
    and points.date_day = $day
inner join health.dim_metrics as metrics on drivers.metric = metrics.metric
where drivers.account_id = $account and drivers.scorecard = $scorecard and drivers.date_day = $day
order by drivers.points is null, drivers.loss desc nulls last, drivers.weight desc, drivers.metric
