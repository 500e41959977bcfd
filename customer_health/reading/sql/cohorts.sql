select
    cohort_starts_on,
    milestone,
    min(position) as position,
    sum(accounts_on_path) as accounts_on_path,
    sum(accounts_reached) as accounts_reached,
    100.0 * sum(accounts_reached) / nullif(sum(accounts_on_path), 0) as reached_pct
from journey.rpt_journey_funnel
where desired_outcome = $outcome and ($segment is null or segment = $segment)
group by cohort_starts_on, milestone
order by cohort_starts_on, position, milestone
