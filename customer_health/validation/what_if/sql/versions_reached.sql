-- Versions of scorecards of which a score before rules may differ, those that are gone included.
with

differing_weights as (

    (
        from {weights}
        except
        from build.{weights}
    )
    union all
    (
        from build.{weights}
        except
        from {weights}
    )
    union all
    from {weights}
    where metric in (select unnest($metrics))

),

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

scoring as (

    select scorecard, scorecard_version from {assignments}
    union
    select scorecard, scorecard_version from build.{assignments}

)

select scorecard, scorecard_version from scoring
where $everywhere
    or (scorecard, scorecard_version) in (select (scorecard, scorecard_version) from differing_weights)
    or scorecard in (select scorecard from differing_assignments)
order by all
