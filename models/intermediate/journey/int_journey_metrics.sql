-- Grain: one row per account, day of the index and journey metric: the windowed number and how much it is worth.
-- The second stratum: what source metrics say about milestones is measured once more.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='journey') }}

with

final as (

    {{ metric_days(ref('int_journey__measures'), is_journey=true, rebuild_from_on=rebuild_from('journey')) }}

)

select * from final
