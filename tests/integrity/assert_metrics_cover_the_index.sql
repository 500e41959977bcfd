-- The account-day index is the denominator of everything: each metric has exactly its rows, points are earned only by what
-- is known, and lie between 0 and 100. Totals are compared over all history; what each row says, over the last 35 days (the
-- longest window that a daily build is likely to touch: all of history is proved on random companies instead).
{% set recent_days = 35 %}

with

account_days as (

    select * from {{ ref('int_account_days') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

metric_points as (

    select * from {{ ref('fct_metric_points') }}

),

recent_points as (

    select * from metric_points
    where date_day > {{ add_days(as_of_date(), -recent_days) }}

),

expected_per_day as (

    select
        account_days.date_day,
        metrics.metric,
        count(*) as row_count
    from account_days
    cross join metrics
    where account_days.date_day > {{ add_days(as_of_date(), -recent_days) }}
    group by 1, 2

),

points_per_day as (

    select
        recent_points.date_day,
        recent_points.metric,
        count(*) as row_count,
        count(account_days.account_id) as rows_in_index,
        sum(case when recent_points.points is not null and not {{ earns_points('recent_points.value_status') }}
            then 1 else 0 end) as unearned_points,
        sum(case when recent_points.points < 0 or recent_points.points > 100 then 1 else 0 end) as points_out_of_range,
        sum(case when recent_points.value is null and {{ earns_points('recent_points.value_status') }}
            then 1 else 0 end) as points_without_value
    from recent_points
    left join account_days
        on recent_points.account_id = account_days.account_id
        and recent_points.date_day = account_days.date_day
    group by 1, 2

),

totals as (

    select
        (select count(*) from metric_points) as row_count,
        (select count(*) from account_days) * (select count(*) from metrics) as expected_rows

),

problems as (

    select
        'all history has ' || cast(row_count as {{ dbt.type_string() }}) || ' metric rows, the index calls for '
            || cast(expected_rows as {{ dbt.type_string() }}) as problem
    from totals
    where row_count <> expected_rows
    union all
    select
        coalesce(expected_per_day.metric, points_per_day.metric) || ' on '
            || cast(coalesce(expected_per_day.date_day, points_per_day.date_day) as {{ dbt.type_string() }}) || ': '
            || cast(coalesce(points_per_day.row_count, 0) as {{ dbt.type_string() }}) || ' rows ('
            || cast(coalesce(points_per_day.rows_in_index, 0) as {{ dbt.type_string() }}) || ' of the index), expected '
            || cast(coalesce(expected_per_day.row_count, 0) as {{ dbt.type_string() }}) as problem
    from expected_per_day
    full outer join points_per_day
        on expected_per_day.date_day = points_per_day.date_day
        and expected_per_day.metric = points_per_day.metric
    where coalesce(points_per_day.row_count, 0) <> coalesce(expected_per_day.row_count, 0)
        or coalesce(points_per_day.rows_in_index, 0) <> coalesce(expected_per_day.row_count, 0)
    union all
    select
        metric || ' on ' || cast(date_day as {{ dbt.type_string() }}) || ': '
            || cast(unearned_points as {{ dbt.type_string() }}) || ' rows earn points without being known, '
            || cast(points_out_of_range as {{ dbt.type_string() }}) || ' have points outside 0 to 100, '
            || cast(points_without_value as {{ dbt.type_string() }}) || ' are known without a value' as problem
    from points_per_day
    where unearned_points + points_out_of_range + points_without_value > 0

)

select * from problems
