select
    current.account_id, current.account_name, current.csm_id, current.mrr_usd, points.value_status,
    metrics.max_age_days
from health.dim_metrics as metrics
inner join health.fct_metric_points as points
    on metrics.metric = points.metric
    and points.date_day = $day
    and points.value_status in ('stale', 'not_instrumented')
inner join health.rpt_account_health_current as current
    on points.account_id = current.account_id and current.is_primary and not current.is_in_grace
where metrics.measure = 'pulse' and metrics.aggregation = 'last' and ($csm is null or current.csm_id = $csm)
order by current.mrr_usd desc nulls last, current.account_id
