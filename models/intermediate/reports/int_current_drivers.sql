-- Grain: one row per account, scorecard and weighted metric on the last day: on which side it stands, and its place
-- there.
-- A metric stands on one side only: it lifts the score when more than half of its points are won and it does no worse
-- than the score as a whole; otherwise it weighs on it. Lifting metrics are ranked by what they bring, the others by
-- what they cost.
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

sided as (

    select
        drivers.account_id,
        drivers.scorecard,
        drivers.metric,
        metric_points.value,
        drivers.value_status,
        drivers.points,
        drivers.weight,
        drivers.contribution,
        drivers.loss,
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

),

final as (

    select
        account_id,
        scorecard,
        metric,
        value,
        value_status,
        points,
        weight,
        contribution,
        loss,
        side,
        cast(row_number() over (
            partition by account_id, scorecard, side
            order by
                case side when 'up' then contribution when 'down' then loss else weight end desc nulls last,
                metric
        ) as integer) as place
    from sided

)

select * from final
