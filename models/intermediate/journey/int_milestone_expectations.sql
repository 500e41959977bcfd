-- Grain: one row per path, milestone, clock instance and stretch: what was expected, and what had been reached, in it.
{% set path_day = 'account_id, spell_number, desired_outcome, path_number, changed_on' %}

with

instances as (

    select * from {{ ref('int_milestone_instances') }}

),

-- the latest day on which each milestone usually is due, were all before it late
chained_by_seed as (

    select
        *,
        sum(case when clock = 'previous_milestone' then 0 else 1 end) over (
            partition by {{ path_day }} order by position rows between unbounded preceding and current row
        ) as seed_chain
    from instances

),

usual_days as (

    select
        *,
        sum(late_after_day) over (
            partition by {{ path_day }}, seed_chain order by position rows between unbounded preceding and current row
        ) as usual_day,
        max(case when clock = 'onboarding_end' then 1 else 0 end) over (
            partition by {{ path_day }}, seed_chain
        ) = 1 as follows_onboarding
    from chained_by_seed

),

-- what was due before its source was watched cannot be told: neither late nor reached
knowable as (

    select
        *,
        coalesce(
            coalesce(planned_on, {{ add_days(
                'clock_starts_on',
                'usual_day + case when follows_onboarding then coalesce(max(case when is_onboarding then usual_day end) '
                ~ 'over (partition by ' ~ path_day ~ '), 0) else 0 end',
            ) }}) >= observable_from_on and changed_on >= observable_from_on,
            false
        ) as is_knowable
    from usual_days

),

known as (

    select
        *,
        case when is_knowable then hit_on end as reached_on
    from knowable

),

onboarding as (

    select
        *,
        -- onboarding is over when its last milestone has been reached
        case
            when count(case when is_onboarding and is_knowable then 1 end) over (partition by {{ path_day }})
                = count(case when is_onboarding then reached_on end) over (partition by {{ path_day }})
                then max(case when is_onboarding then reached_on end) over (partition by {{ path_day }})
        end as onboarded_on,
        lag(reached_on) over (partition by {{ path_day }} order by position) as previous_reached_on
    from known

),

-- days count from a plan, from the clock's own day, or from the milestone before as soon as that has been reached
anchored as (

    select
        *,
        case
            when planned_on is not null then planned_on
            when clock = 'previous_milestone' then {{ add_days('previous_reached_on', 'expected_day') }}
            when clock = 'onboarding_end' then {{ add_days('onboarded_on', 'expected_day') }}
            else {{ add_days('clock_starts_on', 'expected_day') }}
        end as anchored_on
    from onboarding

),

-- a milestone whose predecessor is still open stands its own days after where that one stands
chained as (

    select
        *,
        sum(case when anchored_on is not null or clock <> 'previous_milestone' then 1 else 0 end) over (
            partition by {{ path_day }} order by position rows between unbounded preceding and current row
        ) as chain
    from anchored

),

expected as (

    select
        *,
        {{ add_days(
            'max(anchored_on) over (partition by ' ~ path_day ~ ', chain)',
            'sum(case when anchored_on is null then expected_day else 0 end) over (partition by ' ~ path_day
            ~ ', chain order by position rows between unbounded preceding and current row)',
        ) }} as expected_on
    from chained

),

final as (

    select
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
        planned_on is not null as is_planned,
        is_knowable,
        expected_on,
        {{ add_days('expected_on', 'late_after_day - expected_day') }} as late_after_on,
        reached_on,
        onboarded_on
    from expected

)

select * from final
