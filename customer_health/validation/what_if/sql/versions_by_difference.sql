-- Versions that less has to be read for if they are summed by difference. Other points are read twice, those of the
-- build and the new ones.
create table edited.versions_by_difference as
with

differing_assignments as (

    (
        from {assignments}
        except
        from build.{assignments}
    )
    union all
    (
        from build.{assignments}
        except
        from {assignments}
    )

),

reading as (

    select
        scorecard,
        scorecard_version,
        sum(case when has_other_points then 2 else 1 end) as metrics_read
    from edited.touched
    group by 1, 2

),

whole as (

    select
        scorecard,
        scorecard_version,
        count(*) as metrics_weighed
    from {weights}
    group by 1, 2

)

select versions.*
from edited.versions as versions
inner join whole
    on versions.scorecard = whole.scorecard
    and versions.scorecard_version = whole.scorecard_version
left join reading
    on versions.scorecard = reading.scorecard
    and versions.scorecard_version = reading.scorecard_version
where not $everything
    and versions.scorecard not in (select scorecard from differing_assignments)
    and 2 * coalesce(reading.metrics_read, 0) <= whole.metrics_weighed
