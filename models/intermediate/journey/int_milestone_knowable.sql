-- Grain: one row per path, milestone, clock instance and stretch: whether anybody could tell, and when it was reached.
-- What was due before its source was watched is neither late nor reached. The usual day is the latest one on which a
-- milestone would be on time if all before it just were.
{{ config(materialized='view') }}

with

instances as (

    select * from {{ ref('int_milestone_instances') }}

),

chained as (

    select
        *,
        sum(case when clock = 'previous_milestone' then 0 else 1 end) over (
            partition by stretch_id order by position nulls last rows between unbounded preceding and current row
        ) as chain
    from instances

),

usual_days as (

    select
        *,
        sum(late_after_day) over (
            partition by stretch_id, chain order by position nulls last rows between unbounded preceding and current row
        ) as days_in_chain,
        max(case when clock = 'onboarding_end' then 1 else 0 end) over (
            partition by stretch_id, chain
        ) = 1 as follows_onboarding
    from chained

),

onboarding_days as (

    select
        *,
        coalesce(max(case when is_onboarding then days_in_chain end) over (partition by stretch_id), 0)
            as onboarding_days
    from usual_days

),

watched as (

    select
        *,
        coalesce(
            changed_on >= observable_from_on
            and case
                when planned_on is not null then planned_on
                -- what goes by agreed plans alone is not asked of an account without one
                when clock <> 'plan' then {{ add_days(
                    'clock_starts_on', 'days_in_chain + case when follows_onboarding then onboarding_days else 0 end',
                ) }}
            end >= observable_from_on,
            false
        ) as is_watched
    from onboarding_days

),

knowable as (

    select
        *,
        is_watched and (
            planned_on is not null
            or not follows_onboarding
            -- nobody can count from an end of onboarding that nobody saw
            or count(case when is_onboarding and is_watched then 1 end) over (partition by stretch_id) > 0
        ) as is_knowable
    from watched

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
        clock,
        expected_day,
        late_after_day,
        is_onboarding,
        is_value_moment,
        clock_starts_on,
        coalesce(clock_starts_on >= observable_from_on, false) as is_watched_from_start,
        planned_on,
        is_knowable,
        case when is_knowable then hit_on end as reached_on
    from knowable

)

select * from final
