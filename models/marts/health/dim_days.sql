-- Grain: one row per day, from the first on which there was a customer to the last day.
with

periods as (

    select * from {{ ref('int_account_periods') }}
    where period_starts_on <= {{ as_of_date() }}

),

first_days as (

    select min(period_starts_on) as first_day from periods

),

days as (

    select {{ each_day('first_day', as_of_date()) }} as date_day from first_days

),

final as (

    select
        date_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as week_starts_on,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_starts_on,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_starts_on,
        date_day = {{ dbt.last_day('date_day', 'month') }} as is_month_end,
        date_day = {{ as_of_date() }} as is_last_day
    from days

)

select * from final
