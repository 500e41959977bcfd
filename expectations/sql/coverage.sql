select
    today.customers,
    today.share,
    before.share as share_before,
    before.date_day as compared_with,
    case when least(today.customers, before.customers) >= {least_accounts}
            then 100 * (before.share - today.share)
    end as fell_points
from (
    select count(*) as customers, count(health_score) / nullif(count(*), 0) as share from todays_scores
) as today
cross join (
    select min(date_day) as date_day, count(*) as customers, count(health_score) / nullif(count(*), 0) as share
    from reference_scores
) as before
