-- Grain: one row per mutable raw table: how many changes came without updated_at.
{{ config(materialized='view') }}

with

undated_changes as (

    {% for table in raw_tables() if table.is_mutable -%}
    select
        '{{ table.name }}' as raw_table,
        count(*) as row_count,
        max(valid_from_on) as last_changed_on
    from {{ ref(table.staged) }}
    where is_undated_version
        and version_number > 1
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from undated_changes
