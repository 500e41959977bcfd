-- Grain: one row per metric: what was observed of it on the last registry_days days.
{{ config(materialized='view') }}

{% set registry_days = 28 %}

with

points_rows as (

    select
        metric,
        value_status,
        date_day,
        count(*) as row_count,
        min(value) as lowest_value,
        max(value) as highest_value
    from {{ ref('int_metric_points') }}
    where date_day > {{ add_days(as_of_date(), -registry_days) }}
    group by 1, 2, 3

),

final as (

    select
        metric,
        sum(row_count) as row_count,
        sum(case when date_day = {{ as_of_date() }} then row_count end) as accounts,
        sum(case
            when date_day = {{ as_of_date() }} and {{ earns_points('value_status') }}
                then row_count
        end) as accounts_observed,
        min(case
            when date_day = {{ as_of_date() }} and {{ earns_points('value_status') }}
                then lowest_value
        end) as lowest_value,
        max(case
            when date_day = {{ as_of_date() }} and {{ earns_points('value_status') }}
                then highest_value
        end) as highest_value,
        {%- for value_status in value_statuses() %}
        sum(case when value_status = '{{ value_status }}' then row_count else 0 end) as {{ value_status }}_rows,
        {%- endfor %}
        max(case when {{ earns_points('value_status') }} then date_day end) as last_observed_on
    from points_rows
    group by 1

)

select * from final
