-- Grain: one row per account, day and measure: the daily facts of all sources, sparse.
-- To add a source: a staging folder, an int_<source>__measures model with these four columns, one arm here, and a row
-- per measure in measures.csv. A measure that measures.csv does not know fails the build
-- (tests/integrity/assert_measures_are_declared.sql).
{{ config(materialized='view') }}

with

unioned as (

    select account_id, date_day, measure, value from {{ ref('int_product__measures') }}
    union all
    select account_id, date_day, measure, value from {{ ref('int_billing__measures') }}
    union all
    select account_id, date_day, measure, value from {{ ref('int_support__measures') }}
    union all
    select account_id, date_day, measure, value from {{ ref('int_survey__measures') }}
    union all
    select account_id, date_day, measure, value from {{ ref('int_crm__measures') }}

)

select * from unioned
