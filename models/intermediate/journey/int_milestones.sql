-- Grain: one row per account, spell, desired outcome, path, milestone and clock instance: how it stands on the last
-- day.
with

states as (

    select
        *,
        row_number() over (
            partition by account_id, spell_number, desired_outcome, path_number, milestone, instance_number
            order by starts_on desc
        ) as newest_first
    from {{ ref('int_milestone_states') }}

),

milestones as (

    select * from {{ ref('milestones') }}

),

hits as (

    select * from {{ ref('int_milestone_hits') }}

),

latest as (

    select
        states.*,
        milestones.label,
        milestones.playbook,
        milestones.clock,
        milestones.expected_day,
        coalesce(milestones.metric, milestones.measure) as observed,
        milestones.comparator,
        milestones.threshold,
        states.ends_on <= {{ as_of_date() }} as has_ended
    from states
    inner join milestones
        on states.milestone = milestones.milestone
        and states.desired_outcome = milestones.desired_outcome
        and states.milestone_version = milestones.version
        and coalesce(states.milestone_segment, '') = coalesce(milestones.segment, '')
    where states.newest_first = 1

),

final as (

    select
        latest.account_id,
        latest.spell_number,
        latest.desired_outcome,
        latest.path_number,
        latest.milestone,
        latest.instance_number,
        latest.milestone_version,
        latest.stage,
        latest.position,
        latest.label,
        latest.is_value_moment,
        latest.clock_starts_on,
        latest.counts_from_on,
        latest.is_watched_from_start,
        latest.clock,
        latest.expected_day,
        latest.is_planned,
        latest.expected_on,
        latest.late_after_on,
        latest.reached_on,
        cast(case
            when latest.reached_on is not null then {{ days_between('latest.expected_on', 'latest.reached_on') }}
            when latest.milestone_status in ('due', 'late') then {{ days_between(
                'latest.expected_on', 'least(' ~ as_of_date() ~ ', ' ~ add_days('latest.ends_on', -1) ~ ')',
            ) }}
        end as integer) as days_late,
        case
            -- the path ended first: what was due by then was missed, the rest was never asked for
            when latest.has_ended and latest.milestone_status in ('due', 'late') then 'missed'
            when latest.has_ended and latest.milestone_status = 'upcoming' then 'not_applicable'
            else latest.milestone_status
        end as milestone_status,
        latest.observed as evidence,
        latest.comparator as evidence_comparator,
        latest.threshold as evidence_threshold,
        hits.value as evidence_value,
        hits.holds_from_on as evidence_on,
        latest.playbook
    from latest
    left join hits
        on latest.account_id = hits.account_id
        and latest.observed = hits.observed
        and latest.comparator = hits.comparator
        and latest.threshold = hits.threshold
        and latest.reached_on >= hits.holds_from_on
        and latest.reached_on < hits.holds_until_on

)

select * from final
