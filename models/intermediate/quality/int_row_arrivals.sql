-- Grain: one row per raw table, day of loading and day on which its staged rows happened; usage events excepted, which
-- int_findings__late_rows counts by itself.
{{ config(materialized='view') }}

with

arrivals as (

    {% for table in raw_tables() if table.happened_at and not table.has_own_arms -%}
    select
        '{{ table.name }}' as raw_table,
        cast(loaded_at as date) as loaded_on,
        {{ to_reporting_date(table.happened_at) }} as happened_on,
        count(*) as row_count
    from {{ ref(table.base) }}
    where row_fate = 'staged'
    group by 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from arrivals
