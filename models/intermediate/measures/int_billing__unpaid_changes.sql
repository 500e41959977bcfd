-- Grain: one row per account and day on which its open invoices change: the oldest date that is still due from then on
-- (null: nothing is open).
with

open_periods as (

    select distinct account_id, due_on, starts_on, ends_on
    from {{ ref('int_billing__unpaid_invoices') }}

),

change_days as (

    select account_id, starts_on as date_day from open_periods
    union
    select account_id, ends_on as date_day from open_periods

),

final as (

    select
        change_days.account_id,
        change_days.date_day,
        min(open_periods.due_on) as oldest_unpaid_due_on
    from change_days
    left join open_periods
        on change_days.account_id = open_periods.account_id
        and change_days.date_day >= open_periods.starts_on
        and change_days.date_day < open_periods.ends_on
    where change_days.date_day <= {{ as_of_date() }}
    group by 1, 2

)

select * from final
