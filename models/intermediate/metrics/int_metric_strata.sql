-- Grain: one row per metric: its definition, the kind of its measure, and the stratum that it is computed in.
-- Source metrics are computed first; journey metrics measure what milestones made of them.
{{ config(materialized='view') }}

with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

final as (

    select
        metrics.*,
        measures.kind as measure_kind,
        case when measures.source = 'journey' then 'journey' else 'source' end as stratum
    from metrics
    inner join measures
        on metrics.measure = measures.measure

)

select * from final
