-- Grain: one row per account, month end and baseline: what a score must beat.
-- Baselines know of each metric how an account stands among all customers of that day; of whom they know nothing stands
-- in the middle, so that all predictors judge the same accounts.

with

scores as (

    select * from {{ ref('int_observed_scores') }}

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

final as (

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
        100e0 * row_number() over (
            partition by date_day order by md5(account_id || cast(date_day as {{ dbt.type_string() }})), account_id
        ) / nullif(count(*) over (partition by date_day), 0) as score
    from scores

)

select * from final
