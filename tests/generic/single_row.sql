{# The grain of a table that holds one answer: exactly one row. #}
{% test single_row(model) %}

with

counted as (

    select count(*) as row_count from {{ model }}

),

problems as (

    select
        'one row was expected' as problem,
        row_count
    from counted
    where row_count <> 1

)

select * from problems

{% endtest %}
