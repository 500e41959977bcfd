-- Weighted metrics of the reached versions whose weight or points differ from the build's.
create table edited.touched as
select
    scorecard,
    scorecard_version,
    metric,
    motion,
    coalesce(new.weight, 0) as weight,
    coalesce(old.weight, 0) as weight_before,
    metric in (select unnest($metrics)) as has_other_points
from {weights} as new
full join build.{weights} as old
    using (scorecard, scorecard_version, metric, motion)  -- noqa: ST07
where (scorecard, scorecard_version) in (from edited.versions)
    and (has_other_points or coalesce(new.weight, 0) <> coalesce(old.weight, 0))
