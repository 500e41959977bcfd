select
    milestone,
    arg_max(label, cohort_starts_on) as label,
    min(position) as position,
    sum(accounts_on_path) as accounts_on_path,
    sum(accounts_reached) as accounts_reached,
    sum(accounts_on_time) as accounts_on_time,
    sum(accounts_late) as accounts_late,
    sum(accounts_missed) as accounts_missed,
    sum(accounts_on_path - accounts_reached - accounts_late - accounts_missed) as accounts_ahead,
    100.0 * sum(accounts_reached) / nullif(sum(accounts_on_path), 0) as reached_pct
from journey.rpt_journey_funnel
where desired_outcome = $outcome and ($segment is null or segment = $segment)
group by milestone
order by position, milestone
