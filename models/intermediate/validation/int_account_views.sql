-- Grain: one row per customer and month end whose outcome is decided, and per customer on the last day: three views of
-- it, each above or below the middle of all customers on the day: what they do (behaviour), what people feel
-- (sentiment), and what the contract shows (commercial).
{% set horizon_days = renewal_outcome_horizon() | int %}

with

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'
        and days_decided >= {{ horizon_days }}

),

headlines as (

    select predictions.account_id, predictions.date_day, predictions.scorecard, predictions.scorecard_version
    from {{ ref('int_predictions') }} as predictions
    inner join observations
        on predictions.account_id = observations.account_id
        and predictions.date_day = observations.date_day
    where predictions.predictor = 'scorecard'
    union all
    select account_id, date_day, scorecard, scorecard_version
    from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}
        and is_primary
        and health_score is not null

),

points as (

    select account_id, date_day, metric, points from {{ ref('int_month_end_points') }}
    union
    select account_id, date_day, metric, points from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}

),

weights as (

    select
        weights.scorecard,
        weights.scorecard_version,
        weights.metric,
        weights.weight,
        case metrics.domain
            when 'sentiment' then 'sentiment'
            when 'commercial' then 'commercial'
            else 'behaviour'
        end as view_name
    from {{ ref('int_scorecard_weights') }} as weights
    inner join {{ ref('metrics') }} as metrics
        on weights.metric = metrics.metric

),

view_scores as (

    select
        headlines.account_id,
        headlines.date_day,
        weights.view_name,
        sum(weights.weight * points.points) / nullif(sum(weights.weight), 0) as view_score
    from headlines
    inner join weights
        on headlines.scorecard = weights.scorecard
        and headlines.scorecard_version = weights.scorecard_version
    inner join points
        on headlines.account_id = points.account_id
        and headlines.date_day = points.date_day
        and weights.metric = points.metric
    where points.points is not null
    group by 1, 2, 3

),

middles as (

    select
        date_day,
        view_name,
        {{ median('view_score') }} as middle_score
    from view_scores
    group by 1, 2

),

final as (

    select
        headlines.account_id,
        headlines.date_day,
        coalesce(max(case
            when view_scores.view_name = 'behaviour'
                then case when view_scores.view_score >= middles.middle_score then 'good' else 'bad' end
        end), 'unknown') as behaviour,
        coalesce(max(case
            when view_scores.view_name = 'sentiment'
                then case when view_scores.view_score >= middles.middle_score then 'good' else 'bad' end
        end), 'unknown') as sentiment,
        coalesce(max(case
            when view_scores.view_name = 'commercial'
                then case when view_scores.view_score >= middles.middle_score then 'good' else 'bad' end
        end), 'unknown') as commercial
    from headlines
    left join view_scores
        on headlines.account_id = view_scores.account_id
        and headlines.date_day = view_scores.date_day
    left join middles
        on view_scores.date_day = middles.date_day
        and view_scores.view_name = middles.view_name
    group by 1, 2

)

select * from final
