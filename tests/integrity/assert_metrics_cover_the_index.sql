-- The account-day index is the denominator of everything: each metric has exactly its rows, points are earned only by
-- what is known, and lie between 0 and 100. Rows per day are counted over all history; single rows are read for the
-- last seven days, twice the look-back: with tens of metrics they are a hundred times the index, and all of history is
-- proved on random companies instead.
{{ config(meta={'dagster': {'ref': {'name': 'int_metric_points'}}}) }}
{% set recent_days = 7 %}

with

account_days as (

    select * from {{ ref('int_account_days') }}

),

metrics as (

    select count(*) as metrics from {{ ref('metrics') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}

),

points_per_day as (

    select
        date_day,
        count(*) as row_count
    from metric_points
    group by date_day

),

index_per_day as (

    select
        date_day,
        count(*) as accounts
    from account_days
    group by date_day

),

points_per_account_day as (

    select
        account_id,
        date_day,
        count(*) as row_count,
        sum(case when points is not null and not {{ earns_points('value_status') }} then 1 else 0 end)
            as unearned_points,
        sum(case when points < 0 or points > 100 then 1 else 0 end) as points_out_of_range,
        sum(case when value is null and {{ earns_points('value_status') }} then 1 else 0 end) as points_without_value
    from metric_points
    where date_day > {{ add_days(as_of_date(), -recent_days) }}
    group by account_id, date_day

),

recent_account_days as (

    select * from account_days
    where date_day > {{ add_days(as_of_date(), -recent_days) }}

),

problems as (

    select
        coalesce(index_per_day.date_day, points_per_day.date_day) as date_day,
        cast(null as {{ dbt.type_string() }}) as account_id,
        cast(coalesce(points_per_day.row_count, 0) as {{ dbt.type_string() }}) || ' metric rows, the index calls for '
        || cast(coalesce(index_per_day.accounts, 0) * metrics.metrics as {{ dbt.type_string() }}) as problem
    from index_per_day
    full outer join points_per_day
        on index_per_day.date_day = points_per_day.date_day
    cross join metrics
    where coalesce(points_per_day.row_count, 0) <> coalesce(index_per_day.accounts, 0) * metrics.metrics
    union all
    select
        coalesce(recent_account_days.date_day, points_per_account_day.date_day) as date_day,
        coalesce(recent_account_days.account_id, points_per_account_day.account_id) as account_id,
        case
            when recent_account_days.account_id is null then 'has metrics on a day outside the index'
            else cast(coalesce(points_per_account_day.row_count, 0) as {{ dbt.type_string() }}) || ' of '
                || cast(metrics.metrics as {{ dbt.type_string() }}) || ' metrics'
        end as problem
    from recent_account_days
    full outer join points_per_account_day
        on recent_account_days.account_id = points_per_account_day.account_id
        and recent_account_days.date_day = points_per_account_day.date_day
    cross join metrics
    where recent_account_days.account_id is null
        or coalesce(points_per_account_day.row_count, 0) <> metrics.metrics
    union all
    select
        date_day,
        account_id,
        cast(unearned_points as {{ dbt.type_string() }}) || ' metrics earn points without being known, '
        || cast(points_out_of_range as {{ dbt.type_string() }}) || ' have points outside 0 to 100, '
        || cast(points_without_value as {{ dbt.type_string() }}) || ' are known without a value' as problem
    from points_per_account_day
    where unearned_points + points_out_of_range + points_without_value > 0

)

select * from problems
