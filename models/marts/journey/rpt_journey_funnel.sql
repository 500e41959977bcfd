-- Grain: one row per desired outcome, cohort (quarter in which the path began), segment and milestone.
with

milestones as (

    select * from {{ ref('int_milestones') }}
    where instance_number = 1
        and milestone_status <> 'not_applicable'

),

journeys as (

    select * from {{ ref('int_journeys') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

final as (

    select
        milestones.desired_outcome,
        cast({{ dbt.date_trunc('quarter', 'journeys.path_starts_on') }} as date) as cohort_starts_on,
        accounts.segment,
        milestones.milestone,
        min(milestones.position) as position,
        min(milestones.label) as label,
        cast(count(*) as integer) as accounts_on_path,
        cast(count(milestones.reached_on) as integer) as accounts_reached,
        cast(count(case when milestones.milestone_status = 'reached_on_time' then 1 end) as integer)
            as accounts_on_time,
        cast(count(case when milestones.milestone_status = 'late' then 1 end) as integer) as accounts_late,
        cast(count(case when milestones.milestone_status = 'missed' then 1 end) as integer) as accounts_missed,
        cast(100e0 * count(milestones.reached_on) / nullif(count(*), 0) as double) as reached_pct,
        cast({{ median(days_between('journeys.path_starts_on', 'milestones.reached_on')) }} as double)
            as median_days_to_reach
    from milestones
    inner join journeys
        on milestones.account_id = journeys.account_id
        and milestones.spell_number = journeys.spell_number
        and milestones.desired_outcome = journeys.desired_outcome
        and milestones.path_number = journeys.path_number
    left join accounts
        on milestones.account_id = accounts.account_id
    group by 1, 2, 3, 4

)

select * from final
