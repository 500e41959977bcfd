-- Grain: one row per version of a scorecard, rule, benchmark, scale of grades or milestone that is in force on the last
-- day without having been released.
{{ config(materialized='view') }}

with

cards as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

),

released as (

    select * from {{ ref('released_versions') }}

),

versions_in_force as (

    select 'scorecard' as kind, scorecard as name, version from cards
    union all
    select 'rule' as kind, rule as name, version
    from {{ ref('score_rules') }}
    where {{ is_in_force() }}
    union all
    select distinct 'benchmark' as kind, benchmarks.metric as name, benchmarks.version
    from {{ ref('benchmarks') }} as benchmarks
    inner join {{ ref('scorecard_metrics') }} as scorecard_metrics
        on benchmarks.metric = scorecard_metrics.metric
        and scorecard_metrics.weight > 0
    inner join cards
        on scorecard_metrics.scorecard = cards.scorecard
        and scorecard_metrics.version = cards.version
    where {{ is_in_force('benchmarks') }}
    union all
    select distinct 'grade' as kind, 'grades' as name, version
    from {{ ref('grades') }}
    where {{ is_in_force() }}
    union all
    select distinct 'milestone' as kind, desired_outcome || '/' || milestone as name, version
    from {{ ref('milestones') }}
    where {{ is_in_force() }}

),

final as (

    select versions_in_force.*
    from versions_in_force
    left join released
        on versions_in_force.kind = released.kind
        and versions_in_force.name = released.name
        and versions_in_force.version = released.version
    where released.kind is null

)

select * from final
