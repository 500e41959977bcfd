select
    current.*, scores.desired_outcome, scores.scorecard_version, dim_grades.colour,
    dim_grades.playbook, days.days_ahead, days.next_milestone, days.next_expected_on
from {in_words} as current
inner join health.fct_health_scores as scores
    on current.account_id = scores.account_id
    and current.scorecard = scores.scorecard
    and scores.account_id = $account
    and scores.date_day = $day
left join journey.fct_journey_days as days
    on current.account_id = days.account_id
    and scores.desired_outcome = days.desired_outcome
    and days.date_day = $day
left join health.dim_grades on current.shown_grade = dim_grades.grade and dim_grades.is_in_force
where current.account_id = $account
order by current.is_primary desc, current.scorecard
