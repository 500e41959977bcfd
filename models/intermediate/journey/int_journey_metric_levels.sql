-- Grain: one row per account, journey metric and stretch of days in which its operands stay as they are.
-- From the first day that this build recomputes; on it stands all that happened before.
{{ config(materialized='view') }}

with

steps as (

    select * from {{ ref('int_journey_metric_steps') }}

),

boundaries as (

    select * from {{ ref('int_metric_boundaries') }}
    where stratum = 'journey'

),

final as (

    {{ metric_levels(
        'steps', 'boundaries', rebuild_from_on='(select journey_from_on from ' ~ ref('int_scoring_range') ~ ')'
    ) }}

)

select * from final
