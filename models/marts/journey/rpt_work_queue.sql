-- Grain: one row per account and desired outcome whose next value moment is this week's work: each CSM's queue, most
-- urgent first, cut to the hours that the CSM has. What waits is counted, so that a queue too long for its CSM shows.
with

next_moments as (

    select
        *,
        row_number() over (
            partition by account_id, desired_outcome order by expected_on nulls last, position
        ) as next_first
    from {{ ref('int_milestones') }}
    where is_value_moment
        and milestone_status in ('upcoming', 'due', 'late')

),

accounts as (

    select * from {{ ref('int_current_accounts') }}
    where is_customer

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

playbooks as (

    select * from {{ ref('playbooks') }}

),

steps as (

    select
        accounts.csm_id,
        accounts.account_id,
        accounts.account_name,
        accounts.mrr_usd,
        next_moments.desired_outcome,
        next_moments.milestone,
        next_moments.label as milestone_label,
        next_moments.milestone_status,
        next_moments.expected_on,
        {{ days_between('next_moments.expected_on', as_of_date()) }} as days_past_expected,
        playbooks.playbook,
        playbooks.label as playbook_label,
        playbooks.action,
        playbooks.hours,
        csms.weekly_hours
    from next_moments
    inner join accounts
        on next_moments.account_id = accounts.account_id
    inner join playbooks
        on next_moments.playbook = playbooks.playbook
        and playbooks.desired_outcome in ('all', next_moments.desired_outcome)
    inner join csms
        on accounts.csm_id = csms.csm_id
    where next_moments.next_first = 1
        and next_moments.expected_on is not null
        -- a moment more than a month ahead is not this week's work
        and next_moments.expected_on <= {{ add_days(as_of_date(), 30) }}

),

ordered as (

    select
        *,
        row_number() over (
            partition by csm_id
            order by
                case milestone_status when 'late' then 0 when 'due' then 1 else 2 end,
                mrr_usd * greatest(days_past_expected, 1) desc nulls last, account_id, desired_outcome
        ) as queue_position
    from steps

),

counted as (

    select
        *,
        sum(hours) over (
            partition by csm_id order by queue_position rows between unbounded preceding and current row
        ) as hours_so_far,
        sum(hours) over (partition by csm_id) as hours_asked
    from ordered

),

final as (

    select
        csm_id,
        cast(queue_position as integer) as queue_position,
        account_id,
        account_name,
        mrr_usd,
        desired_outcome,
        milestone,
        milestone_label,
        milestone_status,
        expected_on,
        cast(days_past_expected as integer) as days_past_expected,
        playbook,
        playbook_label,
        action,
        hours,
        hours_so_far,
        weekly_hours,
        hours_asked
    from counted
    where hours_so_far <= weekly_hours

)

select * from final
