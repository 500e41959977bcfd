-- Grain: one row per raw table and day with rows, usage events excepted: they are counted in int_product__event_days.
-- A mutable row counts once, on the day of its first version.
{{ config(materialized='view') }}

with

counts as (

    {% for table in raw_tables() if table.day and not table.has_own_arms -%}
    select
        '{{ table.name }}' as raw_table,
        {{ table.day }} as date_day,
        count(*) as row_count
    from {{ ref(table.staged) }}
    {%- if table.is_mutable %}
    where version_number = 1
    {%- endif %}
    group by 1, 2
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counts
