{{ config(schema='staging') }}

-- Grain: one row per raw row that could not be used, with its reason.
-- Rows come back by themselves: each build decides every fate anew, so an account that arrives later frees its rows.
with

unioned as (

    {% for table in raw_tables() -%}
    select {{ quarantine_columns(table) }}
    from {{ ref(table.base) }}
    where row_fate = 'quarantined'
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from unioned
