-- Grain: one row per account and desired outcome that is still healthy but off its path on the last day, dearest first.
-- The point of the project: these are the accounts to help before anything turns red.
with

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}
        and grade in ({{ grades_named('healthy_grades') }})

),

late_milestones as (

    select
        *,
        row_number() over (
            partition by account_id, desired_outcome order by expected_on nulls last, position
        ) as oldest_first
    from {{ ref('int_milestones') }}
    where milestone_status = 'late'

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

playbooks as (

    select * from {{ ref('playbooks') }}

),

desired_outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

norms as (

    select * from {{ ref('int_milestone_norms') }}

),

final as (

    select
        cast(row_number() over (
            order by
                accounts.mrr_usd * least(late_milestones.days_late, {{ var('most_urgent_days_late') }}) desc nulls last,
                late_milestones.days_late nulls last,
                scores.account_id,
                scores.desired_outcome
        ) as integer) as priority,
        scores.account_id,
        accounts.account_name,
        accounts.segment,
        accounts.csm_id,
        accounts.csm_name,
        scores.desired_outcome,
        desired_outcomes.label as outcome_label,
        scores.scorecard,
        scores.health_score,
        scores.grade,
        late_milestones.milestone,
        late_milestones.label as milestone_label,
        late_milestones.expected_on,
        late_milestones.clock,
        -- counted as the norm is: from where the days of this milestone count from
        cast(case
            when late_milestones.is_planned then {{ days_between(
                'coalesce(late_milestones.counts_from_on, late_milestones.clock_starts_on)',
                'late_milestones.expected_on',
            ) }}
            else late_milestones.expected_day
        end as integer) as expected_after_days,
        late_milestones.is_planned,
        late_milestones.days_late,
        norms.median_days as norm_median_days,
        norms.p80_days as norm_p80_days,
        accounts.mrr_usd as mrr_at_stake_usd,
        -- a playbook of another outcome is never proposed
        playbooks.playbook,
        playbooks.label as playbook_label,
        playbooks.action,
        playbooks.hours
    from scores
    inner join late_milestones
        on scores.account_id = late_milestones.account_id
        and scores.desired_outcome = late_milestones.desired_outcome
        and late_milestones.oldest_first = 1
    inner join accounts
        on scores.account_id = accounts.account_id
    inner join desired_outcomes
        on scores.desired_outcome = desired_outcomes.desired_outcome
    left join playbooks
        on late_milestones.playbook = playbooks.playbook
        and playbooks.desired_outcome in ('all', scores.desired_outcome)
    left join norms
        on scores.desired_outcome = norms.desired_outcome
        and accounts.segment = norms.segment
        and late_milestones.milestone = norms.milestone

)

select * from final
