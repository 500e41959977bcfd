-- Grain: one row per path and day on which anything that its milestones depend on changes, with the stretch of days
-- until the next such day.
{% set path =
    'change_days.account_id, change_days.spell_number, change_days.desired_outcome, change_days.path_number'
%}

with

paths as (

    select * from {{ ref('int_journey_paths') }}

),

clocks as (

    select * from {{ ref('int_journey_clocks') }}

),

periods as (

    select * from {{ ref('int_account_periods') }}

),

milestones as (

    select * from {{ ref('milestones') }}

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

change_days as (

    select account_id, spell_number, desired_outcome, path_number, path_starts_on as changed_on from paths
    union
    select paths.account_id, paths.spell_number, paths.desired_outcome, paths.path_number, periods.period_starts_on
    from paths
    inner join periods
        on paths.account_id = periods.account_id
        and paths.path_starts_on < periods.period_starts_on
        and paths.path_ends_on > periods.period_starts_on
    union
    select paths.account_id, paths.spell_number, paths.desired_outcome, paths.path_number, milestones.effective_from
    from paths
    inner join milestones
        on paths.desired_outcome = milestones.desired_outcome
        and paths.path_starts_on < milestones.effective_from
        and paths.path_ends_on > milestones.effective_from
    union
    select paths.account_id, paths.spell_number, paths.desired_outcome, paths.path_number, milestones.effective_to
    from paths
    inner join milestones
        on paths.desired_outcome = milestones.desired_outcome
        and paths.path_starts_on < milestones.effective_to
        and paths.path_ends_on > milestones.effective_to
    union
    select paths.account_id, paths.spell_number, paths.desired_outcome, paths.path_number, plans.valid_from_on
    from paths
    inner join plans
        on paths.account_id = plans.account_id
        and paths.path_starts_on < plans.valid_from_on
        and paths.path_ends_on > plans.valid_from_on
    union
    select paths.account_id, paths.spell_number, paths.desired_outcome, paths.path_number, observable.observable_from_on
    from paths
    inner join observable
        on paths.path_starts_on < observable.observable_from_on
        and paths.path_ends_on > observable.observable_from_on
    union
    select account_id, spell_number, desired_outcome, path_number, clock_starts_on from clocks
    union
    select reached.account_id, reached.spell_number, reached.desired_outcome, reached.path_number, reached.reached_on
    from reached
    inner join paths
        on reached.account_id = paths.account_id
        and reached.spell_number = paths.spell_number
        and reached.desired_outcome = paths.desired_outcome
        and reached.path_number = paths.path_number
        and reached.reached_on > paths.path_starts_on

),

final as (

    select
        -- one number stands for a path and a day: what follows sorts by it again and again
        row_number() over (order by {{ path }}, change_days.changed_on) as stretch_id,
        change_days.*,
        coalesce(
            lead(change_days.changed_on) over (partition by {{ path }} order by change_days.changed_on),
            paths.path_ends_on
        ) as ends_on,
        periods.segment,
        -- who leaves has not handed anything back yet: the days of grace carry the products on
        {{ last_known(
            'case when not coalesce(periods.is_in_grace, false) then periods.products end',
            'change_days.account_id, change_days.spell_number, change_days.desired_outcome, change_days.path_number',
            'change_days.changed_on',
        ) }} as products
    from change_days
    inner join paths
        on change_days.account_id = paths.account_id
        and change_days.spell_number = paths.spell_number
        and change_days.desired_outcome = paths.desired_outcome
        and change_days.path_number = paths.path_number
    inner join periods
        on change_days.account_id = periods.account_id
        and change_days.changed_on >= periods.period_starts_on
        and change_days.changed_on < periods.period_ends_on

)

select * from final
