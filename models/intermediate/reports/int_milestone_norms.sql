-- Grain: one row per desired outcome, segment and milestone: when renewed customers reached it, beside the configured
-- day.
-- Both count from the milestone's own clock.
-- Empty where the curve never gets there: fewer than half (or 80%) are known to have reached it. A norm only suggests;
-- adopting it is a new version of the milestone.
with

survival as (

    select * from {{ ref('int_milestone_survival') }}

),

milestones as (

    select * from {{ ref('milestones') }}
    where {{ is_in_force() }}

),

norms as (

    select
        desired_outcome,
        segment,
        milestone,
        max(waiting) as accounts,
        sum(reached) as accounts_reached,
        -- shares are rounded because a half that is a product of shares is one only to the last digit
        min(case when round(waiting_share, 12) <= 0.5e0 then day end) as median_days,
        -- the limits of a day are the days on which the limits of the curve cross
        min(case when round(waiting_share_low, 12) <= 0.5e0 then day end) as median_days_low,
        min(case when round(waiting_share_high, 12) <= 0.5e0 then day end) as median_days_high,
        min(case when round(waiting_share, 12) <= 0.2e0 then day end) as p80_days,
        min(case when round(waiting_share_low, 12) <= 0.2e0 then day end) as p80_days_low,
        min(case when round(waiting_share_high, 12) <= 0.2e0 then day end) as p80_days_high
    from survival
    group by 1, 2, 3

),

configured as (

    select
        norms.*,
        milestones.label,
        milestones.position,
        milestones.clock,
        milestones.expected_day,
        milestones.late_after_day,
        row_number() over (
            partition by norms.desired_outcome, norms.segment, norms.milestone
            order by case when milestones.segment is null then 1 else 0 end, milestones.version desc nulls last
        ) as specificity
    from norms
    inner join milestones
        on norms.desired_outcome = milestones.desired_outcome
        and norms.milestone = milestones.milestone
        and coalesce(milestones.segment, norms.segment, '') = coalesce(norms.segment, '')

),

final as (

    select
        desired_outcome,
        segment,
        milestone,
        label,
        position,
        clock,
        expected_day,
        late_after_day,
        cast(accounts as integer) as accounts,
        cast(accounts_reached as integer) as accounts_reached,
        cast(median_days as integer) as median_days,
        cast(median_days_low as integer) as median_days_low,
        cast(median_days_high as integer) as median_days_high,
        cast(p80_days as integer) as p80_days,
        cast(p80_days_low as integer) as p80_days_low,
        cast(p80_days_high as integer) as p80_days_high
    from configured
    where specificity = 1

)

select * from final
