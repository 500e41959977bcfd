-- Grain: one row per account, journey metric and stretch of days: the number of the level, and what it is worth.
{{ config(materialized='view') }}

with

levels as (

    select * from {{ ref('int_journey_metric_levels') }}

),

metrics as (

    select * from {{ ref('int_metric_strata') }}
    where stratum = 'journey'

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

metric_periods as (

    select * from {{ ref('int_metric_periods') }}

),

final as (

    {{ metric_level_values('levels', 'metrics', 'account_periods', 'metric_periods') }}

)

select * from final
