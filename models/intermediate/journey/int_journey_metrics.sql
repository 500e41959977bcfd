-- Grain: one row per account, day of the index and journey metric: the windowed number and how much it is worth.
-- The second stratum: what source metrics say about milestones is measured once more.
{{ config(materialized='incremental', incremental_strategy='day_range', inputs_are_cut=true, layer='journey') }}

with

level_values as {{ compute_once() }} (

    select * from {{ ref('int_journey_metric_level_values') }}

),

untracked_stretches as (

    select * from {{ ref('int_untracked_stretches') }}
    where stratum = 'journey'

),

final as (

    {{ metric_days('level_values', 'untracked_stretches', rebuild_from_on=rebuild_from('journey')) }}

)

select * from final
