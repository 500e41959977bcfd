with

milestones as (

    select
        desired_outcome,
        milestone,
        sum(accounts_on_path) as on_path
    from journey.rpt_journey_funnel
    group by desired_outcome, milestone

),

paths as (

    select
        desired_outcome,
        max(on_path) as paths
    from milestones
    group by desired_outcome

)

select
    paths.desired_outcome,
    coalesce(max(scorecards.outcome_label), paths.desired_outcome) as outcome_label,
    paths.paths
from paths
left join health.dim_scorecards as scorecards
    on paths.desired_outcome = scorecards.desired_outcome
group by paths.desired_outcome, paths.paths
order by paths.paths desc, paths.desired_outcome
