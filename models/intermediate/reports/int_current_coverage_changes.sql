-- Grain: one row per account, scorecard and weighted metric that became known, or no longer is, within 28 days, where
-- that moved the score most.
{% set days_back = 28 %}

with

causes as (

    select * from {{ ref('int_current_causes') }}
    where cause_effect = 'coverage'

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}

),

earlier_metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ add_days(as_of_date(), -days_back) }}

),

final as (

    select
        causes.account_id,
        causes.scorecard,
        weights.metric,
        metric_points.points is not null as is_known_now
    from causes
    inner join weights
        on causes.scorecard = weights.scorecard
        and causes.scorecard_version = weights.scorecard_version
    inner join metric_points
        on causes.account_id = metric_points.account_id
        and weights.metric = metric_points.metric
    inner join earlier_metric_points
        on causes.account_id = earlier_metric_points.account_id
        and weights.metric = earlier_metric_points.metric
    where (metric_points.points is null) <> (earlier_metric_points.points is null)

)

select * from final
