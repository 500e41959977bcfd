-- Grain: one row per desired outcome, segment and milestone: when renewed customers reached it, beside the configured day.
-- Empty where the curve never gets there: fewer than half (or 80%) are known to have reached it. A norm only suggests;
-- adopting it is a new version of the milestone.
with

survival as (

    select * from {{ ref('int_milestone_survival') }}

),

milestones as (

    select * from {{ ref('milestones') }}
    where {{ as_of_date() }} >= effective_from
        and {{ as_of_date() }} < coalesce(effective_to, {{ open_end() }})

),

norms as (

    select
        desired_outcome,
        segment,
        milestone,
        max(waiting) as accounts,
        sum(reached) as accounts_reached,
        min(case when waiting_share <= 0.5 then day end) as median_days,
        -- the limits of a day are the days on which the limits of the curve cross
        min(case when waiting_share_low <= 0.5 then day end) as median_days_low,
        min(case when waiting_share_high <= 0.5 then day end) as median_days_high,
        min(case when waiting_share <= 0.2 then day end) as p80_days,
        min(case when waiting_share_low <= 0.2 then day end) as p80_days_low,
        min(case when waiting_share_high <= 0.2 then day end) as p80_days_high
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
            order by case when milestones.segment is null then 1 else 0 end, milestones.version desc
        ) as specificity
    from norms
    inner join milestones
        on norms.desired_outcome = milestones.desired_outcome
        and norms.milestone = milestones.milestone
        and coalesce(milestones.segment, norms.segment) = norms.segment

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
        accounts,
        accounts_reached,
        median_days,
        median_days_low,
        median_days_high,
        p80_days,
        p80_days_low,
        p80_days_high
    from configured
    where specificity = 1

)

select * from final
