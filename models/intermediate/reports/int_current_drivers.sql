-- Grain: one row per account, scorecard and weighted metric on the last day, said in words and ranked.
-- A metric stands on one side only: it lifts the score when more than half of its points are won and it does no worse than the
-- score as a whole; otherwise it weighs on it. Lifting metrics are ranked by what they bring, the others by what they cost.
with

drivers as (

    select * from {{ ref('int_score_drivers') }}
    where date_day = {{ as_of_date() }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}

),

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

described as (

    select
        drivers.account_id,
        drivers.scorecard,
        drivers.metric,
        metrics.label,
        drivers.value_status,
        drivers.points,
        drivers.weight,
        drivers.contribution,
        drivers.loss,
        {{ value_in_words('metric_points.value', 'metrics.unit', 'metrics.aggregation') }} as value_in_words,
        case
            when drivers.points is null and drivers.value_status = 'not_applicable' then 'not applicable'
            when drivers.points is null then 'missing'
            when drivers.effective_weight is null then 'known'
            when drivers.points >= 50 and drivers.points >= scores.health_score_before_rules then 'up'
            when round(drivers.loss, 1) > 0 then 'down'
            else 'neutral'
        end as side
    from drivers
    inner join metric_points
        on drivers.account_id = metric_points.account_id
        and drivers.metric = metric_points.metric
    inner join scores
        on drivers.account_id = scores.account_id
        and drivers.scorecard = scores.scorecard
    inner join metrics
        on drivers.metric = metrics.metric

),

final as (

    select
        account_id,
        scorecard,
        metric,
        label,
        value_status,
        weight,
        contribution,
        loss,
        side,
        case side
            when 'missing' then label || ' (' || {{ missing_in_words('value_status') }} || ')'
            when 'up'
                then label || ': ' || value_in_words || ' (' || {{ grouped_digits('round(points)') }}
                    || ' of 100 points, brings the score ' || {{ one_decimal('contribution') }} || ')'
            when 'down'
                then label || ': ' || value_in_words || ' (' || {{ grouped_digits('round(points)') }}
                    || ' of 100 points, costs the score ' || {{ one_decimal('loss') }} || ')'
            else label || ': ' || value_in_words
        end as sentence,
        cast(row_number() over (
            partition by account_id, scorecard, side
            order by case side when 'up' then contribution when 'down' then loss else weight end desc, metric
        ) as integer) as place
    from described

)

select * from final
