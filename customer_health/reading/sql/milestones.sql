select milestones.*, journeys.path_starts_on, stages.stage_position
from journey.fct_milestones as milestones
inner join journey.fct_journeys as journeys
    on milestones.account_id = journeys.account_id
    and milestones.spell_number = journeys.spell_number
    and milestones.desired_outcome = journeys.desired_outcome
    and milestones.path_number = journeys.path_number
    and journeys.is_current
left join journey.fct_stage_periods as stages
    on milestones.account_id = stages.account_id
    and milestones.spell_number = stages.spell_number
    and milestones.desired_outcome = stages.desired_outcome
    and milestones.path_number = stages.path_number
    and milestones.stage = stages.stage
where milestones.account_id = $account and milestones.desired_outcome = $outcome
order by milestones.position, milestones.instance_number
