with

items as (

    select distinct account_id, starts_on, ends_on
    from intermediate.int_subscription_periods
    where billing_status in ('paid', 'paused')

),

covered as (

    select
        *,
        max(ends_on) over (
            partition by account_id order by starts_on, ends_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until_on
    from items

),

numbered as (

    select
        *,
        sum(case when covered_until_on is null or starts_on - covered_until_on > $grace_days then 1 else 0 end) over (
            partition by account_id order by starts_on, ends_on
            rows between unbounded preceding and current row
        ) as spell_number
    from covered

),

paid_spells as (

    select account_id, spell_number, min(starts_on) as starts_on, max(ends_on) as ends_on
    from numbered
    group by 1, 2

),

-- the reason stands in the newest version of the row that ended
endings as (

    select account_id, ends_on, min(end_reason) = 'completed' and max(end_reason) = 'completed' as is_completed
    from staging.stg_billing__subscriptions
    where valid_to_on > $as_of and billing_status in ('paid', 'paused')
    group by 1, 2

),

final as (

    select
        scores.account_id,
        extract('year' from scores.date_day) * 12 + extract('month' from scores.date_day) as month,
        concat_ws(' ', scores.grade, scores.date_day, periods.segment) as stratum,
        journey.days_ahead < 0 as is_behind,
        paid_spells.ends_on <= scores.date_day + $horizon_days
        and not coalesce(endings.is_completed, false) as is_churned
    from health.fct_health_scores as scores
    inner join journey.fct_journey_days as journey
        on scores.account_id = journey.account_id
        and scores.date_day = journey.date_day
        and scores.desired_outcome = journey.desired_outcome
    inner join intermediate.int_account_periods as periods
        on scores.account_id = periods.account_id
        and scores.date_day >= periods.period_starts_on
        and scores.date_day < periods.period_ends_on
    inner join paid_spells
        on scores.account_id = paid_spells.account_id
        and scores.date_day >= paid_spells.starts_on
        and scores.date_day < paid_spells.ends_on
    left join endings
        on paid_spells.account_id = endings.account_id
        and paid_spells.ends_on = endings.ends_on
    where scores.is_primary
        and scores.grade in ('A', 'B')
        and scores.date_day = last_day(scores.date_day)
        -- whether somebody left on the last day of the horizon is known when the days of grace are over
        and scores.date_day + $horizon_days + $grace_days <= $as_of

)

select stratum, is_behind, is_churned, account_id, month from final
order by all
