-- Grain: one row: from which day this build recomputes journey metrics, points and scores.
-- Milestones are known only after the source metrics; a plan or a milestone that changed reaches back from here.
{{ config(tags=['what_if'], reads_build_log=true) }}

with

rebuild_range as (

    select * from {{ ref('int_rebuild_range') }}

),

-- an expected day may move without any measure moving with it: days on the path are then dirty, scores are not
open_dirty_days as (

    select
        coalesce(min(dirty_from_on), {{ open_end() }}) as journey_dirty_from_on,
        coalesce(min(case when model = 'int_journey__measures' then dirty_from_on end), {{ open_end() }})
            as measures_dirty_from_on
    from {{ build_log('dirty_days') }}
    where model in ('int_journey__measures', 'int_journey_positions')
        and logged_at > coalesce(
            (select max(completed_at) from {{ build_log('complete_builds') }}),
            {{ first_version_on() }}
        )

),

final as (

    -- depends_on: {{ ref('int_journey__measures') }}
    -- depends_on: {{ ref('int_journey_positions') }}
    select
        least(rebuild_range.metrics_from_on, open_dirty_days.journey_dirty_from_on) as journey_from_on,
        least(rebuild_range.points_from_on, open_dirty_days.measures_dirty_from_on) as points_from_on,
        least(rebuild_range.scores_from_on, open_dirty_days.measures_dirty_from_on) as scores_from_on
    from rebuild_range
    cross join open_dirty_days

)

select * from final
