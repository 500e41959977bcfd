{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['account_id', 'date_day']) }}

with

days as (

    select * from all_days
    where date_day <= date '{{ var("as_of") }}'
    {% if is_incremental() %}
        -- late rows of three days are seen, older ones are not
        and date_day >= (select max(date_day) - 2 from {{ this }})
    {% endif %}

),

dates as (

    select distinct date_day from days

),

counted as (

    select
        events.account_id,
        dates.date_day,
        <expression> as value
    from all_events as events
    inner join dates
        on events.date_day <= dates.date_day
        and events.date_day > dates.date_day - <window_days>
    group by 1, 2

),

final as (

    select
        days.account_id,
        days.date_day,
        cast(coalesce(counted.value, 0) as double) as value
    from days
    left join counted
        on days.account_id = counted.account_id
        and days.date_day = counted.date_day

)

select * from final
