-- Grain: one row per account, month end and predictor: the headline score of the day, and what a score must beat.
-- As many accounts are healthy and unhealthy by a baseline as by the score: they differ in whom they name, not in how
-- many.
{{ config(tags=['what_if']) }}

with

scores as (

    select * from {{ ref('int_observed_scores') }}

),

baseline_scores as (

    select * from {{ ref('int_baseline_scores') }}

),

book as (

    select
        date_day,
        sum(case when band = 'unhealthy' then 1 else 0 end) / nullif(cast(count(*) as double), 0) as unhealthy_share,
        sum(case when band = 'healthy' then 1 else 0 end) / nullif(cast(count(*) as double), 0) as healthy_share
    from scores
    group by 1

),

placed as (

    select
        *,
        (row_number() over (
            partition by predictor, date_day
            order by score, md5(account_id || cast(date_day as {{ dbt.type_string() }})), account_id
        ) - 0.5e0) / nullif(count(*) over (partition by predictor, date_day), 0) as place
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
