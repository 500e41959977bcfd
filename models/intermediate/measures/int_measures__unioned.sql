-- Grain: one row per account, day and measure: the daily facts of all sources, sparse.
-- Each source of raw_tables() brings its int_<source>__measures with these four columns (docs/extend-source.md). A
-- measure that measures.csv does not list is read by nobody and becomes a finding: a company may leave out what its
-- metrics do not need.
{{ config(materialized='view') }}

with

unioned as (

    {% for source in raw_sources() -%}
    select account_id, date_day, measure, value from {{ ref('int_' ~ source ~ '__measures') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from unioned
