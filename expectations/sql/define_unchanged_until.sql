with published_build as (
    select min(completed_at) as completed_at
    from build_log.complete_builds
    where as_of_date = (select min(date_day) from reference_scores)
),

later_builds as (
    select builds.*
    from build_log.complete_builds as builds
    inner join published_build on builds.completed_at >= published_build.completed_at
),

distinct_configurations as (

    select distinct
        metrics_configuration,
        points_configuration,
        scores_configuration
    from later_builds

),

configurations as (

    select count(*) as versions from distinct_configurations

),

dirty as (
    select min(dirty_from_on) as dirty_from_on
    from build_log.dirty_days
    inner join published_build on dirty_days.logged_at >= published_build.completed_at
)

select
    case when configurations.versions = 1 then least(
                (select scores_from_on from intermediate.int_scoring_range),
                coalesce(dirty.dirty_from_on, date '9999-12-31'),
                (select min(date_day) - 7 from reference_scores)
            )
    end as date_day
from configurations
cross join dirty
