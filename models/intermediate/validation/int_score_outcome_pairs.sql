-- Grain: one row per account, month end, predictor, outcome and horizon that is decided by the last day.
-- What was said of a customer at the end of a month, and whether the outcome came within the horizon.
{{ config(tags=['what_if']) }}

with

predictions as (

    select account_id, date_day, scorecard, scorecard_version, predictor, score, grade, band
    from {{ ref('int_predictions') }}
    union all
    select account_id, date_day, scorecard, scorecard_version, predictor, score, grade, band
    from {{ ref('int_challenger_predictions') }}

),

observations as (

    select * from {{ ref('int_outcome_observations') }}

),

horizons as (

    {% for horizon_days in var('outcome_horizons') -%}
    select {{ horizon_days }} as horizon_days
    {{- ' union all ' if not loop.last }}
    {% endfor %}
),

final as (

    select
        predictions.account_id,
        predictions.date_day,
        predictions.scorecard,
        cast(predictions.scorecard_version as integer) as scorecard_version,
        cast(predictions.predictor as {{ dbt.type_string() }}) as predictor,
        cast(observations.outcome as {{ dbt.type_string() }}) as outcome,
        cast(horizons.horizon_days as integer) as horizon_days,
        cast(predictions.score as double) as score,
        predictions.grade,
        cast(predictions.band as {{ dbt.type_string() }}) as band,
        coalesce(observations.days_to_outcome <= horizons.horizon_days, false) as has_outcome,
        cast(case
            when observations.days_to_outcome <= horizons.horizon_days then observations.days_to_outcome
        end as integer) as days_to_outcome,
        {{ add_days('predictions.date_day', 'horizons.horizon_days + ' ~ var('grace_days')) }} as decided_on
    from predictions
    inner join observations
        on predictions.account_id = observations.account_id
        and predictions.date_day = observations.date_day
    inner join horizons
        on observations.days_decided >= horizons.horizon_days

)

select * from final
