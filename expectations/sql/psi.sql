-- Grain: one row: how far today's accounts are spread over classes otherwise than earlier ones.
with

classes as (

    select listed.class from ({classes}) as listed

),

today as (

    select
        {grade_or_tenth} as class,
        count(*) as accounts
    from todays_scores
    where {grade_or_tenth} is not null
    group by 1

),

earlier as (

    select
        {grade_or_tenth} as class,
        count(*) as accounts
    from {earlier_scores}
    where {grade_or_tenth} is not null
    group by 1

),

shares as (

    select
        classes.class,
        (coalesce(today.accounts, 0) + 0.5) / sum(coalesce(today.accounts, 0) + 0.5) over () as share,
        (coalesce(earlier.accounts, 0) + 0.5) / sum(coalesce(earlier.accounts, 0) + 0.5) over () as share_before,
        least(sum(today.accounts) over (), sum(earlier.accounts) over ()) as accounts
    from classes
    left join today
        on classes.class = today.class
    left join earlier
        on classes.class = earlier.class

)

select
    any_value(accounts) as accounts,
    sum((share - share_before) * ln(share / share_before)) as stability_index,
    case when any_value(accounts) >= {least_accounts} then stability_index end as judged_index,
    arg_max(class, abs(share - share_before)) as class,
    arg_max(share, abs(share - share_before)) as share,
    arg_max(share_before, abs(share - share_before)) as share_before,
    (select min(date_day) from {earlier_scores}) as compared_with
from shares
