-- Grain: one row per path, milestone, clock instance and stretch of the path in which this milestone belongs to it.
{{ config(materialized='view') }}

with

stretches as (

    select * from {{ ref('int_journey_stretches') }}

),

clocks as (

    select * from {{ ref('int_journey_clocks') }}

),

milestones as (

    select * from {{ ref('int_milestone_definitions') }}

),

plans as (

    select * from {{ ref('stg_crm__milestone_plans') }}

),

reached as (

    select * from {{ ref('int_milestone_reached') }}

),

observable as (

    select * from {{ ref('int_milestone_sources') }}

),

-- the row for the segment replaces the general one, the newest version an older one
applicable as (

    select
        stretches.stretch_id,
        stretches.account_id,
        stretches.spell_number,
        stretches.desired_outcome,
        stretches.path_number,
        stretches.changed_on,
        stretches.ends_on,
        milestones.milestone,
        milestones.version as milestone_version,
        milestones.segment as milestone_segment,
        milestones.stage,
        milestones.position,
        milestones.clock,
        milestones.clock_kind,
        milestones.observed,
        milestones.comparator,
        milestones.threshold,
        milestones.expected_day,
        milestones.late_after_day,
        milestones.is_value_moment,
        milestones.applies_to_product,
        milestones.is_onboarding,
        milestones.applies_to_product is null
        or coalesce({{ list_contains_item('stretches.products', 'milestones.applies_to_product') }}, false)
            as is_in_package,
        row_number() over (
            partition by stretches.stretch_id, milestones.milestone
            order by case when milestones.segment is null then 0 else 1 end desc, milestones.version desc nulls last
        ) as specificity
    from stretches
    inner join milestones
        on stretches.desired_outcome = milestones.desired_outcome
        and coalesce(milestones.segment, stretches.segment, '') = coalesce(stretches.segment, '')
        and stretches.changed_on >= milestones.effective_from
        and stretches.changed_on < coalesce(milestones.effective_to, {{ open_end() }})

),

packaged as (

    select
        *,
        min(case when is_in_package then changed_on end) over (
            partition by account_id, spell_number, desired_outcome, path_number, applies_to_product
        ) as in_package_from_on
    from applicable

),

final as (

    select
        applicable.*,
        clocks.instance_number,
        clocks.clock_starts_on,
        case when reached.reached_on <= applicable.changed_on then reached.reached_on end as hit_on,
        plans.due_on as planned_on,
        -- what belongs to a product can be seen from the day it is bought, while it is kept or once it was reached
        case
            when not applicable.is_in_package and coalesce(reached.reached_on > applicable.changed_on, true) then null
            when applicable.applies_to_product is null then observable.observable_from_on
            when applicable.in_package_from_on > observable.observable_from_on then applicable.in_package_from_on
            else observable.observable_from_on
        end as observable_from_on
    from packaged as applicable
    inner join clocks
        on applicable.account_id = clocks.account_id
        and applicable.spell_number = clocks.spell_number
        and applicable.desired_outcome = clocks.desired_outcome
        and applicable.path_number = clocks.path_number
        and applicable.clock_kind = clocks.clock_kind
        and applicable.changed_on >= clocks.clock_starts_on
        and applicable.changed_on < clocks.clock_ends_on
    left join reached
        on clocks.account_id = reached.account_id
        and clocks.spell_number = reached.spell_number
        and clocks.desired_outcome = reached.desired_outcome
        and clocks.path_number = reached.path_number
        and clocks.clock_kind = reached.clock_kind
        and clocks.instance_number = reached.instance_number
        and applicable.observed = reached.observed
        and applicable.comparator = reached.comparator
        and applicable.threshold = reached.threshold
    left join plans
        on applicable.account_id = plans.account_id
        and applicable.milestone = plans.milestone
        and applicable.changed_on >= plans.valid_from_on
        and applicable.changed_on < plans.valid_to_on
        -- a day agreed for before the clock began was agreed for something else: an earlier spell, year or outcome
        and clocks.clock_starts_on <= plans.due_on
    left join observable
        on applicable.observed = observable.observed
    where applicable.specificity = 1

)

select * from final
