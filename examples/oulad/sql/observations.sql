with

-- a presentation's day 0 is the day on which its places become courses
courses as (

    select
        account_id,
        min(starts_on) as starts_on,
        min(term_ends_on) as ends_on,
        max(case when end_reason = 'cancelled' then ends_on end) as withdrawn_on
    from staging.stg_billing__subscriptions
    where product = 'course'
    group by account_id

),

observed as (

    select
        courses.account_id,
        -- account ids are module, presentation and student
        regexp_replace(courses.account_id, '_[^_]*$', '') as presentation,
        days.day,
        courses.starts_on + cast(days.day as integer) as date_day,
        courses.withdrawn_on
    from courses
    cross join (select unnest($observed_on_days) as day) as days
    -- what happens after the last day of a presentation is not known
    where courses.starts_on + cast(days.day + $horizon_days as integer) < courses.ends_on

),

final as (

    select
        observed.presentation,
        observed.day,
        observed.account_id,
        metrics.value as clicks,
        journey.days_ahead < 0 as is_behind,
        scores.health_score,
        -- an end on the day of observation is in the past: the customer was not one any more at the end of that day
        coalesce(observed.withdrawn_on <= observed.date_day + cast($horizon_days as integer), false) as is_withdrawn,
        active_days.value as active_days,
        average_scores.value as average_score,
        observed.date_day
    from observed
    inner join intermediate.int_account_days as days
        on observed.account_id = days.account_id
        and observed.date_day = days.date_day
    inner join journey.fct_journey_days as journey
        on observed.account_id = journey.account_id
        and observed.date_day = journey.date_day
    inner join health.fct_health_scores as scores
        on observed.account_id = scores.account_id
        and observed.date_day = scores.date_day
        and scores.is_primary
    left join health.fct_metric_points as metrics
        on observed.account_id = metrics.account_id
        and observed.date_day = metrics.date_day
        and metrics.metric = 'usage_events_28d'
    left join health.fct_metric_points as active_days
        on observed.account_id = active_days.account_id
        and observed.date_day = active_days.date_day
        and active_days.metric = 'active_days_28d'
    left join health.fct_metric_points as average_scores
        on observed.account_id = average_scores.account_id
        and observed.date_day = average_scores.date_day
        and average_scores.metric = 'assessment_score_avg'

)

select * from final
order by presentation, day, account_id
