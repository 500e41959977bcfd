-- Grain: one row per path, milestone, clock instance and stretch of days in which its status stays the same.
with

expectations as (

    select * from {{ ref('int_milestone_expectations') }}

),

-- time alone turns a milestone due on its expected day, and late when its days of grace are over
turns as (

    select *, changed_on as starts_on from expectations
    union all
    select *, expected_on as starts_on from expectations
    where reached_on is null
        and expected_on > changed_on
        and expected_on < ends_on
    union all
    select *, {{ add_days('late_after_on', 1) }} as starts_on from expectations
    where reached_on is null
        and {{ add_days('late_after_on', 1) }} > changed_on
        and {{ add_days('late_after_on', 1) }} < ends_on
        and late_after_on >= expected_on

),

ordered as (

    select
        turns.account_id,
        turns.spell_number,
        turns.desired_outcome,
        turns.path_number,
        turns.milestone,
        turns.instance_number,
        turns.starts_on,
        lead(turns.starts_on) over (
            partition by turns.stretch_id, turns.milestone, turns.instance_number order by turns.starts_on
        ) as next_starts_on,
        turns.ends_on as stretch_ends_on,
        turns.milestone_version,
        turns.milestone_segment,
        turns.stage,
        turns.position,
        turns.is_onboarding,
        turns.is_value_moment,
        turns.clock_starts_on,
        turns.counts_from_on,
        turns.is_watched_from_start,
        turns.is_planned,
        turns.is_knowable,
        turns.expected_on,
        turns.late_after_on,
        turns.reached_on,
        turns.onboarded_on
    from turns

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        milestone,
        instance_number,
        starts_on,
        coalesce(next_starts_on, stretch_ends_on) as ends_on,
        milestone_version,
        milestone_segment,
        stage,
        position,
        is_onboarding,
        is_value_moment,
        clock_starts_on,
        counts_from_on,
        is_watched_from_start,
        is_planned,
        expected_on,
        late_after_on,
        reached_on,
        onboarded_on,
        case
            when not is_knowable then 'not_applicable'
            when reached_on <= late_after_on or reached_on is not null and late_after_on is null then 'reached_on_time'
            when reached_on is not null then 'reached_late'
            when starts_on > late_after_on then 'late'
            when starts_on >= expected_on then 'due'
            else 'upcoming'
        end as milestone_status
    from ordered

)

select * from final
