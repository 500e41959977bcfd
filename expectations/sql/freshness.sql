with active as (
    select
        raw_table,
        date_day,
        date_day - lag(date_day) over (partition by raw_table order by date_day) - 1 as gap_days,
        max(date_day) over (partition by raw_table) as last_on
    from arrivals
    where row_count > 0
        and raw_table in ({raw_tables})
),

habits as (
    select raw_table, last_on, count(*) as active_days, coalesce(max(gap_days), 0) as longest_gap
    from active
    where date_day > last_on - 365
    group by all
),

judged as (
    select
        *,
        {day} - last_on as quiet_days,
        {factor} * longest_gap + {grace} as allowed_days
    from habits
)

select
    raw_table,
    last_on,
    quiet_days,
    longest_gap,
    case when active_days >= {least_days} then quiet_days / allowed_days end as times_allowed
from judged
order by times_allowed desc nulls last, raw_table
