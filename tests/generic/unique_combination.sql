{#
    Guards the key of a table in one test: no two rows share `columns`, and neither these nor `not_null_columns` are
    ever null, those in `nullable_columns` excepted. `last_days` limits it to recent days where a scan of all history
    would cost more than it tells: what an incremental build wrote wrongly, it wrote there.
#}
{% test unique_combination(
    model, columns, not_null_columns=[], nullable_columns=[], last_days=none, day_column='date_day'
) %}
{%- set filled_columns = (columns + not_null_columns) | reject('in', nullable_columns) | list %}
with

tested as (

    select * from {{ model }}
    {% if last_days %}
    where {{ day_column }} > {{ add_days(as_of_date(), -last_days) }}
    {% endif %}

),

repeated as (

    select
        'rows share one {{ columns | join(", ") }}: '
            || {% for column in columns %}coalesce(cast({{ column }} as {{ dbt.type_string() }}), '?')
            {{- " || ' / ' || " if not loop.last }}{% endfor %} as problem,
        count(*) as row_count
    from tested
    group by {{ columns | join(', ') }}
    having count(*) > 1

),

null_counts as (

    select
        {%- for column in filled_columns %}
        count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tested

),

incomplete as (

    {% for column in filled_columns -%}
    select
        '{{ column }} is empty' as problem,
        {{ column }} as row_count
    from null_counts
    where {{ column }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

problems as (

    select * from repeated
    union all
    select * from incomplete

)

select * from problems
{% endtest %}
