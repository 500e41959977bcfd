-- Grain: one row per account, day of the index and source metric: the windowed number and how much it is worth.
-- No metric has SQL of its own. Facts become steps (+value when a fact enters its window, -value when it leaves), a
-- running sum of steps is the level of a metric, and only finished levels are spread over the days of the index.
{{ config(materialized='incremental', incremental_strategy='day_range', inputs_are_cut=true) }}

with

level_values as {{ compute_once() }} (

    select * from {{ ref('int_metric_level_values') }}

),

untracked_stretches as (

    select * from {{ ref('int_untracked_stretches') }}
    where stratum = 'source'

),

final as (

    {{ metric_days('level_values', 'untracked_stretches', rebuild_from_on=rebuild_from()) }}

)

select * from final
