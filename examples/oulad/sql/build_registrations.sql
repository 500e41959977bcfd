with

registrations as (

    select account_id, min(row_fate) = 'staged' and max(row_fate) = 'staged' as is_staged
    from staging.base_billing__subscriptions
    group by 1

),

days as (

    select account_id, min(date_day) as first_day, max(date_day) as last_day
    from intermediate.int_account_days
    group by 1

),

scores as (

    select account_id, min(date_day) as first_day, max(date_day) as last_day
    from health.fct_health_scores
    where health_score is not null
    group by 1

)

select
    count(*) as registrations,
    count(days.account_id) as on_some_day,
    count(*) filter (where days.account_id is null and registrations.is_staged) as staged_without_days,
    count(*) filter (where days.account_id is null and not registrations.is_staged) as not_staged,
    count(scores.account_id) as scored,
    count(*) filter (where scores.first_day < days.first_day or scores.last_day > days.last_day) as scored_outside
from registrations
left join days on registrations.account_id = days.account_id
left join scores on registrations.account_id = scores.account_id
