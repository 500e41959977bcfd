-- What check-config refuses before a build, asked again of the rows that the warehouse scores with: whoever loads seeds
-- another way meets the same rules.
{{ config(meta={'dagster': {'ref': {'name': 'scorecards'}}}) }}

with

metrics as (

    select * from {{ ref('metrics') }}

),

scorecards as (

    select * from {{ ref('scorecards') }}

),

champions as (

    select
        *,
        coalesce(effective_to, {{ open_end() }}) as effective_until
    from scorecards
    where status = 'champion'

),

scorecard_metrics as (

    select * from {{ ref('scorecard_metrics') }}

),

benchmarks as (

    select
        *,
        coalesce(segment, '') || '/' || coalesce(tenure_band, '') as scope,
        coalesce(effective_to, {{ open_end() }}) as effective_until
    from {{ ref('benchmarks') }}

),

weights as (

    select
        scorecard_metrics.scorecard,
        scorecard_metrics.version,
        scorecard_metrics.metric,
        scorecard_metrics.weight,
        scorecard_metrics.rationale,
        metrics.metric is not null as is_known,
        metrics.motion,
        metrics.indicator_type
    from scorecard_metrics
    left join metrics
        on scorecard_metrics.metric = metrics.metric

),

cards as (

    select
        scorecard,
        version,
        sum(case when motion = 'proactive' then weight else 0 end) as proactive_weight,
        sum(case when motion = 'reactive' then weight else 0 end) as reactive_weight,
        sum(case when motion = 'proactive' and indicator_type = 'leading' then weight else 0 end) as proactive_leading,
        sum(case when motion = 'reactive' and indicator_type = 'leading' then weight else 0 end) as reactive_leading
    from weights
    group by 1, 2

),

problems as (

    select
        'scorecards ' || earlier.scorecard || ' ' || cast(earlier.version as {{ dbt.type_string() }}) || ' and '
            || later.scorecard || ' ' || cast(later.version as {{ dbt.type_string() }})
            || ' are champions of the same accounts on the same days' as problem
    from champions as earlier
    inner join champions as later
        on (earlier.scorecard = later.scorecard
            or earlier.desired_outcome = later.desired_outcome
            and coalesce(earlier.segment, '') = coalesce(later.segment, ''))
        and earlier.effective_from < later.effective_until
        and later.effective_from < earlier.effective_until
        and (earlier.scorecard < later.scorecard
            or earlier.scorecard = later.scorecard and earlier.version < later.version)
    union all
    select 'scorecard ' || scorecard || ' is overdue for review by {{ var("review_error_days") }} days or more' as problem
    from champions
    where next_review_on <= {{ add_days(as_of_date(), -var('review_error_days')) }}
        and effective_from <= {{ as_of_date() }}
        and effective_until > {{ as_of_date() }}
    union all
    select 'scorecard ' || scorecards.scorecard || ' ' || cast(scorecards.version as {{ dbt.type_string() }})
        || case
            when coalesce(cards.proactive_weight, 0) = 0 then ' has no weight on proactive metrics'
            when cards.reactive_weight = 0 then ' has no weight on reactive metrics'
            else ' has less than {{ (100 * var("leading_share_min")) | round | int }}% of its weight on leading metrics,'
                || ' and gives no reason'
        end as problem
    from scorecards
    left join cards
        on scorecards.scorecard = cards.scorecard
        and scorecards.version = cards.version
    where coalesce(cards.proactive_weight, 0) = 0
        or cards.reactive_weight = 0
        or (cards.proactive_leading / nullif(cards.proactive_weight, 0)
            + cards.reactive_leading / nullif(cards.reactive_weight, 0)) / 2 < {{ var_as_double('leading_share_min') }}
        and lower(scorecards.rationale) not like '%leading share:%'
    union all
    select 'weight of ' || metric || ' in ' || scorecard || ' '
        || case
            when not is_known then 'names no metric of metrics.csv'
            when weight < 0 then 'is negative'
            when rationale is null then 'has no rationale'
            else 'is on a metric without motion or indicator_type'
        end as problem
    from weights
    where not is_known
        or weight < 0
        or rationale is null
        or motion is null
        or indicator_type is null
    union all
    select 'metric ' || weights.metric || ' has weight in ' || weights.scorecard || ', but no benchmark' as problem
    from weights
    left join benchmarks
        on weights.metric = benchmarks.metric
    where weights.weight > 0
        and benchmarks.metric is null
    union all
    select 'benchmark versions ' || cast(earlier.version as {{ dbt.type_string() }}) || ' and '
        || cast(later.version as {{ dbt.type_string() }}) || ' of ' || earlier.metric
        || ' hold for the same accounts on the same days' as problem
    from benchmarks as earlier
    inner join benchmarks as later
        on earlier.metric = later.metric
        and earlier.scope = later.scope
        and earlier.version < later.version
        and earlier.effective_from < later.effective_until
        and later.effective_from < earlier.effective_until
    union all
    select 'benchmark of ' || metric || case
        when floor = target then ' has a floor equal to its target'
        else ' has no rationale'
    end as problem
    from benchmarks
    where floor = target
        or rationale is null

)

select * from problems
