with known as (
    select value from health.fct_metric_points
    where metric = $metric and date_day = $day and value_status in ('observed', 'zero')
),

spread as (
    select greatest((max(value) - min(value)) / 200, 1e-9) as step from known
)

select round(known.value / spread.step) * spread.step as value, count(*) as accounts
from known cross join spread
group by 1
order by 1
