with measured as (
    -- how much of an account's headline score is measured at all: what nobody has connected yet is a gap with a price
    -- (quality.rpt_instrumentation_gaps), and no fault of this build
    select
        drivers.account_id,
        sum(case when drivers.value_status <> 'not_instrumented' then drivers.weight else 0 end)
        / nullif(sum(drivers.weight), 0) as measured_share
    from health.fct_score_drivers as drivers
    inner join health.fct_health_scores as headlines
        on drivers.account_id = headlines.account_id
        and drivers.date_day = headlines.date_day
        and drivers.scorecard = headlines.scorecard
    where drivers.date_day = {day} and headlines.is_primary and drivers.value_status <> 'not_applicable'
    group by 1
),

today as (
    select
        count(*) as customers,
        count(scores.health_score) as scored,
        count(*) filter (
            where scores.health_score is not null or measured.measured_share >= {least_measured}
        ) as measured
    from todays_scores as scores
    left join measured
        on scores.account_id = measured.account_id
)

select
    today.customers,
    today.measured,
    today.customers - today.measured as unmeasured,
    today.scored / nullif(today.measured, 0) as share,
    today.scored / nullif(today.customers, 0) as share_of_all,
    before.share as share_before,
    before.date_day as compared_with,
    case when least(today.customers, before.customers) >= {least_accounts}
            then 100 * (before.share - today.scored / nullif(today.customers, 0))
    end as fell_points
from today
cross join (
    select min(date_day) as date_day, count(*) as customers, count(health_score) / nullif(count(*), 0) as share
    from reference_scores
) as before
