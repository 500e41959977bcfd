-- Grain: one row per scorecard (or all), predictor, outcome, horizon and period (a quarter, or all).
-- Every predictor of a row's neighbours judges the same accounts on the same days, so that they may be compared.
{% set groups = ['scorecard', 'predictor', 'outcome', 'horizon_days', 'period'] %}
{% set by_group = groups | join(', ') %}
{% set warned_from_days, warned_to_days = 60, 90 %}

with

pairs as (

    select * from {{ ref('fct_score_outcome_pairs') }}

),

grade_rates as (

    select * from {{ ref('int_grade_rates') }}

),

-- the probability that could have been shown then, once it had something to rest on
probabilities as (

    select
        pairs.*,
        case
            when pairs.predictor = 'scorecard' and grade_rates.all_events >= {{ var('accuracy_min_accounts') }}
                then grade_rates.events / grade_rates.observations
        end as shown_probability,
        grade_rates.all_events / grade_rates.all_observations as shown_base_rate
    from pairs
    left join grade_rates
        on pairs.outcome = grade_rates.outcome
        and pairs.horizon_days = grade_rates.horizon_days
        and pairs.date_day = grade_rates.known_on
        and pairs.grade = grade_rates.grade

),

grouped as (

    select
        'all' as scorecard,
        'all' as period,
        account_id, date_day, predictor, outcome, horizon_days, score, band, has_outcome, days_to_outcome,
        shown_probability, shown_base_rate
    from probabilities
    union all
    select
        scorecard,
        'all' as period,
        account_id, date_day, predictor, outcome, horizon_days, score, band, has_outcome, days_to_outcome,
        shown_probability, shown_base_rate
    from probabilities
    union all
    select
        'all' as scorecard,
        {{ quarter_name('date_day') }} as period,
        account_id, date_day, predictor, outcome, horizon_days, score, band, has_outcome, days_to_outcome,
        shown_probability, shown_base_rate
    from probabilities

),

levels as (

    {{ score_levels('grouped', groups) | indent(4) }}

),

placements as (

    {{ account_placements('grouped', 'levels', groups) | indent(4) }}

),

areas as (

    {{ clustered_auc('placements', groups) | indent(4) }}

),

-- placements of one account by two predictors, subtracted: what varies for both alike cancels out
against_generic as (

    select
        placements.scorecard,
        placements.predictor,
        placements.outcome,
        placements.horizon_days,
        placements.period,
        placements.account_id,
        placements.all_events,
        placements.all_others,
        placements.events,
        placements.others,
        placements.placed_events - generic.placed_events as placed_events,
        placements.placed_others - generic.placed_others as placed_others
    from placements
    inner join placements as generic
        on placements.scorecard = generic.scorecard
        and placements.outcome = generic.outcome
        and placements.horizon_days = generic.horizon_days
        and placements.period = generic.period
        and placements.account_id = generic.account_id
        and generic.predictor = 'generic'
    where placements.predictor <> 'generic'

),

differences as (

    {{ clustered_auc('against_generic', groups) | indent(4) }}

),

lifts as (

    select
        {{ by_group }},
        {{ lowest_tenth_lift() | indent(8) }} as lowest_tenth_lift
    from levels
    group by {{ by_group }}

),

counts as (

    select
        {{ by_group }},
        min(date_day) as first_month_on,
        max(date_day) as last_month_on,
        cast(count(*) as double) as observations,
        cast(sum(case when has_outcome then 1 else 0 end) as double) as events,
        cast(sum(case when band = 'healthy' then 1 else 0 end) as double) as healthy,
        cast(sum(case when band = 'unhealthy' then 1 else 0 end) as double) as red,
        cast(sum(case when band = 'unhealthy' and has_outcome then 1 else 0 end) as double) as red_events,
        cast(sum(case
            when days_to_outcome between {{ warned_from_days }} and {{ warned_to_days }} then 1 else 0
        end) as double) as events_due_to_warn,
        cast(sum(case
            when days_to_outcome between {{ warned_from_days }} and {{ warned_to_days }} and band <> 'healthy' then 1 else 0
        end) as double) as events_warned,
        cast(count(shown_probability) as double) as probabilities_shown,
        avg(power(shown_probability - case when has_outcome then 1 else 0 end, 2)) as brier_score,
        avg(case
            when shown_probability is not null then power(shown_base_rate - case when has_outcome then 1 else 0 end, 2)
        end) as brier_score_of_base_rate
    from grouped
    group by {{ by_group }}

),

tested as (

    select
        counts.*,
        areas.auc,
        areas.accounts,
        areas.accounts_with_outcome,
        areas.standard_error,
        lifts.lowest_tenth_lift,
        differences.auc as auc_minus_generic,
        differences.standard_error as difference_error,
        {{ two_sided_p_value('(areas.auc - 0.5) / nullif(areas.standard_error, 0)') }} as p_value
    from counts
    inner join areas
        on {% for group in groups %}counts.{{ group }} = areas.{{ group }}{{ ' and ' if not loop.last }}{% endfor %}
    inner join lifts
        on {% for group in groups %}counts.{{ group }} = lifts.{{ group }}{{ ' and ' if not loop.last }}{% endfor %}
    left join differences
        on {% for group in groups %}counts.{{ group }} = differences.{{ group }}{{ ' and ' if not loop.last }}{% endfor %}

),

ordered as (

    select
        *,
        {{ place_in_family('p_value', 'predictor') }}
    from tested

),

corrected as (

    select
        *,
        {{ holm_p_value('p_value', 'predictor') }} as p_value_holm
    from ordered

),

final as (

    select
        scorecard,
        predictor,
        outcome,
        horizon_days,
        period,
        first_month_on,
        last_month_on,
        cast(observations as integer) as observations,
        cast(accounts as integer) as accounts,
        cast(events as integer) as events,
        cast(accounts_with_outcome as integer) as accounts_with_outcome,
        events / observations as base_rate,
        auc,
        standard_error,
        greatest(0, auc - 1.959964 * standard_error) as auc_low,
        least(1, auc + 1.959964 * standard_error) as auc_high,
        p_value,
        p_value_holm,
        p_value < 0.05 as differs_from_chance,
        p_value_holm < 0.05 as differs_from_chance_holm,
        lowest_tenth_lift,
        healthy / observations as healthy_share,
        red / observations as red_share,
        red_events / nullif(red, 0) as red_precision,
        red_events / nullif(red, 0) / nullif(events / observations, 0) as red_multiple,
        case when horizon_days >= {{ warned_to_days }} then cast(events_due_to_warn as integer) end as events_due_to_warn,
        case when horizon_days >= {{ warned_to_days }} then events_warned / nullif(events_due_to_warn, 0) end as warned_share,
        cast(probabilities_shown as integer) as probabilities_shown,
        brier_score,
        brier_score_of_base_rate,
        auc_minus_generic,
        auc_minus_generic - 1.959964 * difference_error as auc_minus_generic_low,
        auc_minus_generic + 1.959964 * difference_error as auc_minus_generic_high,
        auc_minus_generic - 1.959964 * difference_error > 0 as beats_generic
    from corrected

)

select * from final
