-- A step that serves another outcome costs the customer's trust: whatever is proposed belongs to the outcome that it is
-- proposed for, or to all.
{{ config(meta={'dagster': {'ref': {'name': 'playbooks'}}}) }}
with

proposed as (

    select desired_outcome, playbook, 'rpt_early_interventions' as proposed_by from {{ ref('rpt_early_interventions') }}
    union all
    select desired_outcome, playbook, 'rpt_work_queue' as proposed_by from {{ ref('rpt_work_queue') }}
    union all
    select desired_outcome, playbook, 'fct_milestones' as proposed_by from {{ ref('int_milestones') }}

)

select distinct
    proposed.proposed_by || ' proposes ' || proposed.playbook || ' for ' || proposed.desired_outcome
        || ', which playbooks.csv does not name it for' as problem
from proposed
left join {{ ref('playbooks') }} as playbooks
    on proposed.playbook = playbooks.playbook
    and playbooks.desired_outcome in ('all', proposed.desired_outcome)
where proposed.playbook is not null
    and playbooks.playbook is null
