with today as (
    select raw_table, row_count, typical_row_count from arrivals
    where date_day = {day}
),

lately as (
    select raw_table, median(row_count) as recent_row_count
    from arrivals
    where date_day in ({day} - 7, {day} - 14, {day} - 21)
    group by raw_table
),

habits as (
    select
        raw_table,
        count(*) as days,
        count(distinct date_trunc('week', date_day)) filter (
            where row_count < {smallest} * typical_row_count and typical_row_count >= {rows}
        ) as low_weeks,
        count(distinct date_trunc('week', date_day)) filter (
            where row_count > {largest} * greatest(typical_row_count, {rows})
        ) as high_weeks
    from arrivals
    where date_day between {day} - {habit_days_6} and {day} - 7
    group by raw_table
),

usual as (
    select
        today.raw_table,
        today.row_count,
        least(today.typical_row_count, lately.recent_row_count) as usual_low,
        greatest(today.typical_row_count, lately.recent_row_count, {rows}) as usual_high,
        habits.days >= {least_days} as has_history,
        habits.low_weeks < {low_weeks} as is_low_odd,
        habits.high_weeks < {high_weeks} as is_high_odd
    from today
    inner join lately
        on today.raw_table = lately.raw_table
    inner join habits
        on today.raw_table = habits.raw_table
)

select
    raw_table,
    row_count,
    usual_low,
    usual_high,
    case when has_history and is_low_odd and usual_low >= {rows} then row_count / usual_low end as share,
    case when has_history and is_high_odd then row_count / usual_high end as times
from usual
order by least(share / {smallest}, {largest} / times) nulls last, raw_table
