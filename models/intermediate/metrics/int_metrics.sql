-- Grain: one row per account, day of the index and source metric: the windowed number and how much it is worth.
-- No metric has SQL of its own. Facts become steps (+value when a fact enters its window, -value when it leaves), a running
-- sum of steps is the level of a metric, and only finished levels are spread over the days of the index.
{{ config(materialized='incremental', incremental_strategy='day_range') }}

with

final as (

    {{ metric_days(ref('int_measures__unioned'), is_journey=false, rebuild_from_on=rebuild_from()) }}

)

select * from final
