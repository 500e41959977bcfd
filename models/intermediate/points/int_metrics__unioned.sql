-- Grain: one row per account, day of the index and metric, of both strata.
{{ config(materialized='view', tags=['what_if']) }}

with

unioned as (

    select * from {{ ref('int_metrics') }}
    union all
    select * from {{ ref('int_journey_metrics') }}

)

select * from unioned
