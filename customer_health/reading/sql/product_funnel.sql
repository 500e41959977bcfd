select
    position, milestone, label,
    sum(accounts_on_path) as accounts_on_path,
    sum(accounts_reached) as accounts_reached,
    sum(accounts_on_time) as accounts_on_time,
    sum(accounts_late) as accounts_late,
    sum(accounts_missed) as accounts_missed,
    sum(accounts_reached) / sum(accounts_on_path) as reached_share
from journey.rpt_journey_funnel
where desired_outcome = $outcome
group by position, milestone, label
having sum(accounts_on_path) > 0
order by position, accounts_on_path desc, label
