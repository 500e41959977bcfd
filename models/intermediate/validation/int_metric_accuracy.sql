-- Grain: one row per metric and horizon: how well the points of the metric alone tell who left from who stayed. Shadow
-- metrics are in it like all others, and so are those of which nothing is known.

with

areas as (

    select * from {{ ref('int_metric_areas') }}

),

metrics as (

    select * from {{ ref('int_metric_definitions') }}

),

ordered as (

    select
        *,
        {{ place_among_tests('p_value') }}
    from areas

),

corrected as (

    select
        *,
        {{ holm_p_value('p_value', 'place_among_tests', 'tests') }} as p_value_holm
    from ordered

),

final as (

    select
        corrected.metric,
        metrics.label as metric_label,
        cast(corrected.horizon_days as integer) as horizon_days,
        metrics.indicator_type,
        metrics.motion,
        not metrics.is_shadow as is_weighted,
        metrics.weighted_in_scorecards,
        cast(corrected.events + corrected.others as integer) as observations,
        corrected.known_share,
        cast(corrected.events as integer) as events,
        cast(corrected.accounts_with_outcome as integer) as accounts_with_outcome,
        corrected.auc,
        corrected.standard_error,
        corrected.auc_low,
        corrected.auc_high,
        corrected.p_value,
        corrected.p_value_holm,
        corrected.p_value < 0.05e0 as differs_from_chance,
        corrected.p_value_holm < 0.05e0 as differs_from_chance_holm,
        corrected.lowest_tenth_lift,
        case
            when corrected.events + corrected.others = 0 then 'never known'
            when corrected.standard_error is null then 'too few departures to tell'
            when corrected.auc_low > 0.5e0 then 'tells who leaves'
            when corrected.auc_high < 0.5e0 then 'tells it the wrong way round'
            else 'no better than chance'
        end as verdict
    from corrected
    inner join metrics
        on corrected.metric = metrics.metric

)

select * from final
