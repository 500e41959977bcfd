-- Grain: one row per desired outcome, segment, milestone and day of its clock on which somebody reached it or was last
-- seen waiting: the Kaplan-Meier share of accounts that have not reached it by then, with 95% limits (log-log).
-- Learned from customers who renewed after a year, or who are past their first year where a contract never comes up for
-- renewal; and only from those who were watched since their path began, because nobody saw when the others reached it.
with

milestones as (

    select * from {{ ref('int_milestones') }}
    where instance_number = 1
        and milestone_status <> 'not_applicable'
        and is_watched_from_start
        -- a milestone whose clock never began was waited for by nobody
        and (counts_from_on is not null or reached_on is not null)

),

journeys as (

    select * from {{ ref('int_journeys') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

durations as (

    select
        milestones.desired_outcome,
        accounts.segment,
        milestones.milestone,
        milestones.reached_on is not null as is_reached,
        -- days count from where the configured days count from; what is reached before its clock begins takes no time
        {{ days_between(
            'coalesce(milestones.counts_from_on, milestones.reached_on)',
            'coalesce(milestones.reached_on, journeys.path_ends_on, ' ~ as_of_date() ~ ')',
        ) }} as duration_days
    from milestones
    inner join journeys
        on milestones.account_id = journeys.account_id
        and milestones.spell_number = journeys.spell_number
        and milestones.desired_outcome = journeys.desired_outcome
        and milestones.path_number = journeys.path_number
    inner join accounts
        on milestones.account_id = accounts.account_id
    where journeys.first_renewed_on is not null
        or {{ days_between('journeys.path_starts_on', 'coalesce(journeys.path_ends_on, ' ~ as_of_date() ~ ')') }} >= 365

),

days as (

    select
        desired_outcome,
        segment,
        milestone,
        greatest(duration_days, 0) as day,
        count(case when is_reached then 1 end) as reached,
        count(*) as leaving
    from durations
    group by 1, 2, 3, 4

),

at_risk as (

    select
        *,
        sum(leaving) over (
            partition by desired_outcome, segment, milestone order by day desc
            rows between unbounded preceding and current row
        ) as waiting
    from days

),

hazards as (

    select
        *,
        case when reached < waiting then ln(1 - cast(reached as double) / nullif(waiting, 0)) end as log_step,
        case
            when reached < waiting then cast(reached as double) / nullif(waiting * (waiting - reached), 0)
        end as variance_step,
        case when reached = waiting then 1 else 0 end as ends_curve
    from at_risk

),

curves as (

    select
        *,
        case
            when max(ends_curve) over so_far = 1 then 0
            else exp(sum(log_step) over so_far)
        end as waiting_share,
        sum(variance_step) over so_far as variance
    from hazards
    window so_far as (
        partition by desired_outcome, segment, milestone order by day
        rows between unbounded preceding and current row
    )

),

limits as (

    select
        *,
        case
            when waiting_share > 0 and waiting_share < 1
                then {{ z_95() }} * sqrt(variance) / nullif(ln(waiting_share), 0)
        end as spread
    from curves

),

final as (

    select
        desired_outcome,
        segment,
        milestone,
        day,
        waiting,
        reached,
        waiting_share,
        -- at 0 and 1 the curve has no width
        case when spread is null then waiting_share else power(waiting_share, exp(-spread)) end as waiting_share_low,
        case when spread is null then waiting_share else power(waiting_share, exp(spread)) end as waiting_share_high
    from limits

)

select * from final
