-- Scorecards of which a score or a grade may differ: those weighed anew, and those that a rule reaches.
with

rules as (

    (
        from configuration.score_rules
        except
        from build.configuration.score_rules
    )
    union all
    (
        from build.configuration.score_rules
        except
        from configuration.score_rules
    )
    union all
    from configuration.score_rules
    where metric in (select unnest($metrics))

),

scoring as (

    select scorecard from {assignments}
    union
    select scorecard from build.{assignments}

)

select scorecard from scoring
where $everywhere
    or scorecard in (select unnest($weighed_anew))
    or scorecard in (select scorecard from rules)
    or 'all' in (select scorecard from rules)
order by 1
