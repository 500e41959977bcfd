-- Grain: one row per account, month end and predictor: the headline score of the day, and what a score must beat.
-- Baselines know of each metric how an account stands among all customers of that day; of whom they know nothing stands in
-- the middle, so that all predictors judge the same accounts. As many accounts are healthy and unhealthy by them as by the
-- score: they differ in whom they name, not in how many.
{{ config(tags=['what_if']) }}

with

observations as (

    select distinct account_id, date_day from {{ ref('int_outcome_observations') }}

),

scores as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        scores.scorecard_version,
        scores.health_score,
        scores.grade,
        {{ grade_band('scores.grade') | indent(8) }} as band
    from {{ ref('int_health_scores') }} as scores
    inner join observations
        on scores.account_id = observations.account_id
        and scores.date_day = observations.date_day
    where scores.is_primary
        and scores.health_score is not null

),

book as (

    select
        date_day,
        sum(case when band = 'unhealthy' then 1 else 0 end) / cast(count(*) as double) as unhealthy_share,
        sum(case when band = 'healthy' then 1 else 0 end) / cast(count(*) as double) as healthy_share
    from scores
    group by 1

),

baseline_metrics as (

    select * from {{ ref('baselines') }}

),

standings as (

    select
        scores.account_id,
        scores.date_day,
        baseline_metrics.baseline,
        baseline_metrics.metric,
        case when baseline_metrics.direction = 'lower_is_better' then -points.value else points.value end as standing
    from {{ ref('int_month_end_points') }} as points
    inner join baseline_metrics
        on points.metric = baseline_metrics.metric
    inner join scores
        on points.account_id = scores.account_id
        and points.date_day = scores.date_day
    where {{ earns_points('points.value_status') }}

),

percentiles as (

    select
        account_id,
        date_day,
        baseline,
        {{ middle_rank_percentile('date_day, baseline, metric', 'standing') }} as percentile
    from standings

),

known as (

    select
        account_id,
        date_day,
        baseline,
        -- exact, so that it does not depend on the order of its parts
        cast(100 * avg(cast(percentile as {{ exact_score() }})) as double) as score
    from percentiles
    group by 1, 2, 3

),

baseline_scores as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        scores.scorecard_version,
        baselines.baseline as predictor,
        coalesce(known.score, 50) as score
    from scores
    cross join (select distinct baseline from baseline_metrics) as baselines
    left join known
        on scores.account_id = known.account_id
        and scores.date_day = known.date_day
        and baselines.baseline = known.baseline
    union all
    -- luck: another order every month, and the same in every build
    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        'chance' as predictor,
        100.0 * row_number() over (
            partition by date_day order by md5(account_id || cast(date_day as {{ dbt.type_string() }})), account_id
        ) / count(*) over (partition by date_day) as score
    from scores

),

placed as (

    select
        *,
        (row_number() over (
            partition by predictor, date_day
            order by score, md5(account_id || cast(date_day as {{ dbt.type_string() }})), account_id
        ) - 0.5) / count(*) over (partition by predictor, date_day) as place
    from baseline_scores

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        scorecard_version,
        'scorecard' as predictor,
        health_score as score,
        grade,
        band
    from scores
    union all
    select
        placed.account_id,
        placed.date_day,
        placed.scorecard,
        placed.scorecard_version,
        placed.predictor,
        placed.score,
        null as grade,
        case
            when placed.place <= book.unhealthy_share then 'unhealthy'
            when placed.place > 1 - book.healthy_share then 'healthy'
            else 'watched'
        end as band
    from placed
    inner join book
        on placed.date_day = book.date_day

)

select * from final
