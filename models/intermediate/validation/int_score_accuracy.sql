-- Grain: one row per scorecard (or all), predictor, outcome, horizon and period (a quarter, or all).
-- Every predictor of a row's neighbours judges the same accounts on the same days, so that they may be compared.
{{ config(tags=['what_if']) }}

with

areas as (

    select * from {{ ref('int_predictor_areas') }}

),

counts as (

    select
        *,
        events / nullif(cast(observations as double), 0) as base_rate
    from {{ ref('int_predictor_counts') }}

),

tested as (

    select
        *,
        {{ auc_p_value('areas') | indent(8) }} as p_value,
        {{ error_margin('areas.generic_error', 'areas.error_freedom') | indent(8) }} as generic_margin,
        {{ error_margin('areas.champion_error', 'areas.error_freedom') | indent(8) }} as champion_margin
    from areas

),

ordered as (

    select
        *,
        {{ place_among_tests('p_value') }}
    from tested

),

corrected as (

    select
        *,
        {{ holm_p_value('p_value', 'place_among_tests', 'tests') }} as p_value_holm
    from ordered

),

final as (

    select
        corrected.scorecard,
        corrected.predictor,
        corrected.outcome,
        corrected.horizon_days,
        corrected.period,
        counts.first_month_on,
        counts.last_month_on,
        cast(counts.observations as integer) as observations,
        cast(corrected.accounts as integer) as accounts,
        cast(counts.events as integer) as events,
        cast(corrected.accounts_with_outcome as integer) as accounts_with_outcome,
        counts.base_rate,
        corrected.auc,
        corrected.standard_error,
        {{ auc_limit('corrected', 'low') }} as auc_low,
        {{ auc_limit('corrected', 'high') }} as auc_high,
        corrected.p_value,
        corrected.p_value_holm,
        corrected.p_value < 0.05e0 as differs_from_chance,
        corrected.p_value_holm < 0.05e0 as differs_from_chance_holm,
        corrected.lowest_tenth_lift,
        counts.healthy / nullif(cast(counts.observations as double), 0) as healthy_share,
        counts.red / nullif(cast(counts.observations as double), 0) as red_share,
        counts.red_events / nullif(cast(counts.red as double), 0) as red_precision,
        counts.red_events / nullif(cast(counts.red as double), 0) / nullif(counts.base_rate, 0) as red_multiple,
        cast(counts.events_due_to_warn as integer) as events_due_to_warn,
        counts.events_warned / nullif(cast(counts.events_due_to_warn as double), 0) as warned_share,
        cast(counts.probabilities_shown as integer) as probabilities_shown,
        counts.brier_score,
        counts.brier_score_of_base_rate,
        corrected.auc_minus_generic,
        corrected.auc_minus_generic - corrected.generic_margin as auc_minus_generic_low,
        corrected.auc_minus_generic + corrected.generic_margin as auc_minus_generic_high,
        corrected.auc_minus_generic - corrected.generic_margin > 0 as beats_generic,
        corrected.auc_minus_champion,
        corrected.auc_minus_champion - corrected.champion_margin as auc_minus_champion_low,
        corrected.auc_minus_champion + corrected.champion_margin as auc_minus_champion_high,
        corrected.auc_minus_champion - corrected.champion_margin > 0 as beats_champion
    from corrected
    inner join counts
        on corrected.scorecard = counts.scorecard
        and corrected.predictor = counts.predictor
        and corrected.outcome = counts.outcome
        and corrected.horizon_days = counts.horizon_days
        and corrected.period = counts.period

)

select * from final
