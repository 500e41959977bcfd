-- Grain: one row per account and month end that is looked back at: the headline score of the day.
{{ config(tags=['what_if']) }}

with

observations as (

    select distinct account_id, date_day from {{ ref('int_outcome_observations') }}

),

final as (

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

)

select * from final
