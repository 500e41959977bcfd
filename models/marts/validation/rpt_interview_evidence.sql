-- Grain: one row per desired outcome: how many customers were asked what they want to reach, and what became of them.
-- An outcome that rests on no interview is a guess about customers.
with

outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

successes as (

    select * from {{ ref('int_account_success') }}

),

interviews as (

    select
        account_id,
        desired_outcome,
        max(interview_on) as interview_on
    from {{ ref('int_outcome_interviews') }}
    group by 1, 2

),

departures as (

    select distinct account_id from {{ ref('int_paid_spells') }}
    where has_left

),

asked as (

    select
        interviews.desired_outcome,
        count(*) as accounts_interviewed,
        sum(case when departures.account_id is not null then 1 else 0 end) as interviewed_who_left,
        max(interviews.interview_on) as last_interview_on
    from interviews
    left join departures
        on interviews.account_id = departures.account_id
    group by 1

),

today as (

    select
        successes.desired_outcome,
        count(*) as accounts,
        count(interviews.account_id) as accounts_asked,
        cast(count(case when interviews.account_id is not null then successes.is_successful end) as double)
            as asked_judged,
        cast(sum(case when interviews.account_id is not null and successes.is_successful then 1 else 0 end) as double)
            as asked_successful,
        cast(count(case when interviews.account_id is null then successes.is_successful end) as double)
            as others_judged,
        cast(sum(case when interviews.account_id is null and successes.is_successful then 1 else 0 end) as double)
            as others_successful
    from successes
    left join interviews
        on successes.account_id = interviews.account_id
        and successes.desired_outcome = interviews.desired_outcome
    group by 1

),

shares as (

    select
        *,
        case when asked_judged >= {{ var('group_min_accounts') }} then asked_successful / nullif(asked_judged, 0) end
            as asked_share,
        case when others_judged >= {{ var('group_min_accounts') }} then others_successful / nullif(others_judged, 0) end
            as others_share
    from today

),

final as (

    select
        outcomes.desired_outcome,
        outcomes.label as outcome_label,
        cast(coalesce(shares.accounts, 0) as integer) as accounts,
        cast(coalesce(shares.accounts_asked, 0) as integer) as accounts_interviewed_now,
        cast(shares.accounts_asked as double) / nullif(shares.accounts, 0) as interviewed_share,
        cast(coalesce(asked.accounts_interviewed, 0) as integer) as accounts_interviewed_ever,
        cast(coalesce(asked.interviewed_who_left, 0) as integer) as interviewed_who_left,
        asked.last_interview_on,
        cast({{ days_between('asked.last_interview_on', as_of_date()) }} as integer) as days_since_interview,
        shares.asked_share as success_share_interviewed,
        {{ wilson_limit('shares.asked_share', 'shares.asked_judged', 'low') }} as success_share_interviewed_low,
        {{ wilson_limit('shares.asked_share', 'shares.asked_judged', 'high') }} as success_share_interviewed_high,
        shares.others_share as success_share_others,
        {{ wilson_limit('shares.others_share', 'shares.others_judged', 'low') }} as success_share_others_low,
        {{ wilson_limit('shares.others_share', 'shares.others_judged', 'high') }} as success_share_others_high
    from outcomes
    left join asked
        on outcomes.desired_outcome = asked.desired_outcome
    left join shares
        on outcomes.desired_outcome = shares.desired_outcome

)

select * from final
