-- Grain: one row: from which day this build recomputes journey metrics, points and scores.
-- Milestones are known only after the source metrics; a plan or a milestone that changed reaches back from here.
with

rebuild_range as (

    select * from {{ ref('int_rebuild_range') }}

),

open_dirty_days as (

    select min(dirty_from_on) as dirty_from_on
    from {{ build_log('dirty_days') }}
    where model = 'int_journey__measures'
        and logged_at > coalesce(
            (select max(completed_at) from {{ build_log('complete_builds') }}),
            {{ first_version_on() }}
        )

),

final as (

    -- depends_on: {{ ref('int_journey__measures') }}
    select
        least(rebuild_range.metrics_from_on, coalesce(open_dirty_days.dirty_from_on, {{ open_end() }})) as journey_from_on,
        least(rebuild_range.points_from_on, coalesce(open_dirty_days.dirty_from_on, {{ open_end() }})) as points_from_on,
        least(rebuild_range.scores_from_on, coalesce(open_dirty_days.dirty_from_on, {{ open_end() }})) as scores_from_on
    from rebuild_range
    cross join open_dirty_days

)

select * from final
