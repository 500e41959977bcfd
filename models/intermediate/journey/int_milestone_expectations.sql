-- Grain: one row per path, milestone, clock instance and stretch: what was expected, and what had been reached, in it.
{{ config(materialized='view') }}

with

knowable as (

    select * from {{ ref('int_milestone_knowable') }}

),

onboarding as (

    select
        *,
        -- onboarding is over when its last milestone has been reached
        case
            when count(case when is_onboarding and is_knowable then 1 end) over (partition by stretch_id)
                = count(case when is_onboarding then reached_on end) over (partition by stretch_id)
                then max(case when is_onboarding then reached_on end) over (partition by stretch_id)
        end as onboarded_on,
        lag(reached_on) over (partition by stretch_id order by position nulls last) as previous_reached_on
    from knowable

),

-- days count from the clock's own day, or from the end of what comes before as soon as that has been reached; never
-- from before the path began, because nobody is late for what they did not want yet
counted as (

    select
        *,
        case
            when clock = 'previous_milestone' and previous_reached_on < clock_starts_on then clock_starts_on
            when clock = 'previous_milestone' then previous_reached_on
            when clock = 'onboarding_end' and onboarded_on < clock_starts_on then clock_starts_on
            when clock = 'onboarding_end' then onboarded_on
            else clock_starts_on
        end as counts_from_on
    from onboarding

),

-- an agreed plan comes first
anchored as (

    select
        *,
        case
            when clock = 'plan' or planned_on is not null then planned_on
            else {{ add_days('counts_from_on', 'expected_day') }}
        end as anchored_on
    from counted

),

-- a milestone whose predecessor is still open stands its own days after where that one stands
chained as (

    select
        *,
        sum(case when anchored_on is not null or clock <> 'previous_milestone' then 1 else 0 end) over (
            partition by stretch_id order by position nulls last rows between unbounded preceding and current row
        ) as chain
    from anchored

),

expected as (

    select
        *,
        {{ add_days(
            'max(anchored_on) over (partition by stretch_id, chain)',
            'sum(case when anchored_on is null then expected_day else 0 end) over (partition by stretch_id, chain '
            ~ 'order by position nulls last rows between unbounded preceding and current row)',
        ) }} as expected_on
    from chained

),

final as (

    select
        stretch_id,
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        milestone,
        instance_number,
        changed_on,
        ends_on,
        milestone_version,
        milestone_segment,
        stage,
        position,
        is_onboarding,
        is_value_moment,
        clock_starts_on,
        counts_from_on,
        is_watched_from_start,
        planned_on is not null as is_planned,
        is_knowable,
        expected_on,
        {{ add_days('expected_on', 'late_after_day - expected_day') }} as late_after_on,
        reached_on,
        onboarded_on
    from expected

)

select * from final
