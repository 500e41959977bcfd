-- Grain: one row per milestone, version and segment, with what follows from its metric and its stage.
{{ config(materialized='view') }}

with

milestones as (

    select * from {{ ref('milestones') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

stages as (

    select * from {{ ref('stages') }}

),

final as (

    select
        milestones.*,
        case when milestones.clock = 'renewal' then 'renewal' else 'path' end as clock_kind,
        coalesce(milestones.metric, milestones.measure) as observed,
        metrics.applies_to_product,
        stages.is_onboarding
    from milestones
    inner join stages
        on milestones.stage = stages.stage
        and milestones.desired_outcome = stages.desired_outcome
    left join metrics
        on milestones.metric = metrics.metric

)

select * from final
