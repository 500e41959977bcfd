select
    current.account_id, current.account_name, current.scorecard, current.shown_grade, current.health_score,
    current.mrr_usd, current.csm_name, packages.product, packages.importance, packages.rationale
from journey.rpt_outcome_packages as packages
inner join health.dim_scorecards as scorecards
    on packages.desired_outcome = scorecards.desired_outcome and scorecards.is_in_force
inner join health.rpt_account_health_current as current
    on packages.account_id = current.account_id
    and scorecards.scorecard = current.scorecard
    and current.is_primary
where not packages.has_product
    and current.shown_grade in (
        select grade from health.dim_grades
        where is_in_force
        order by min_score desc limit 2
    )
    and ($csm is null or current.csm_id = $csm)
order by packages.importance = 'required' desc, current.mrr_usd desc nulls last, current.account_id, packages.product
