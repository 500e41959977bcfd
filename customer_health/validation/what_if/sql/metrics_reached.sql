-- Metrics whose points may differ, of those that a score or a rule looks at.
with

differing as (

    (
        from {benchmarks}
        except
        from build.{benchmarks}
    )
    union all
    (
        from build.{benchmarks}
        except
        from {benchmarks}
    )

),

ranked as (

    select metric from configuration.benchmarks
    where method = 'peer_percentile'
        and metric in (select unnest($turned))

),

own_past as (

    select metric from configuration.benchmarks
    where method = 'own_baseline'
        and $baselines_edited

),

reached as (

    select metric from differing
    union
    select metric from ranked
    union
    select metric from own_past

)

select metric from reached
where metric in (select metric from {weights})
    or metric in (select metric from configuration.score_rules)
order by 1
