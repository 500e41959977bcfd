-- Grain: one row per scorecard (or all), predictor, outcome, horizon and period (a quarter, or all).
-- Every predictor of a row's neighbours judges the same accounts on the same days, so that they may be compared.
{% set groups = ['scorecard', 'predictor', 'outcome', 'horizon_days', 'period'] %}
{% set numbered = ['group_number'] %}
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
    -- a challenger stands beside the scorecards that it would replace, and not beside the whole book
    where not {{ is_challenger('predictor') }}
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
    where not {{ is_challenger('predictor') }}

),

-- one number instead of five names: sorting is most of the work
group_numbers as (

    select *, row_number() over (order by {{ groups | join(', ') }}) as group_number
    from (select distinct {{ groups | join(', ') }} from grouped) as distinct_groups

),

numbered as (

    select
        group_numbers.group_number,
        grouped.account_id, grouped.date_day, grouped.score, grouped.band, grouped.has_outcome, grouped.days_to_outcome,
        grouped.shown_probability, grouped.shown_base_rate
    from grouped
    inner join group_numbers
        on grouped.scorecard = group_numbers.scorecard
        and grouped.predictor = group_numbers.predictor
        and grouped.outcome = group_numbers.outcome
        and grouped.horizon_days = group_numbers.horizon_days
        and grouped.period = group_numbers.period

),

levels as (

    {{ score_levels('numbered', numbered) | indent(4) }}

),

placements as (

    {{ account_placements('numbered', 'levels', numbered) | indent(4) }}

),

areas as (

    {{ clustered_auc('placements', numbered) | indent(4) }}

),

-- what each predictor is compared with: the generic score, and a challenger with its champion as well
rivals as (

    select
        group_numbers.group_number,
        others.group_number as rival_group_number,
        case others.predictor when 'generic' then 'generic' else 'champion' end as rival
    from group_numbers
    inner join group_numbers as others
        on group_numbers.scorecard = others.scorecard
        and group_numbers.outcome = others.outcome
        and group_numbers.horizon_days = others.horizon_days
        and group_numbers.period = others.period
        and group_numbers.predictor <> others.predictor
    where others.predictor = 'generic'
        or others.predictor = 'scorecard' and {{ is_challenger('group_numbers.predictor') }}

),

-- placements of one account by two predictors, subtracted: what varies for both alike cancels out
against_rivals as (

    select
        placements.group_number,
        rivals.rival,
        placements.account_id,
        placements.all_events,
        placements.all_others,
        placements.events,
        placements.others,
        placements.placed_events - others.placed_events as placed_events,
        placements.placed_others - others.placed_others as placed_others
    from placements
    inner join rivals
        on placements.group_number = rivals.group_number
    inner join placements as others
        on rivals.rival_group_number = others.group_number
        and placements.account_id = others.account_id

),

differences as (

    {{ clustered_auc('against_rivals', ['group_number', 'rival']) | indent(4) }}

),

lifts as (

    select
        group_number,
        {{ lowest_tenth_lift() | indent(8) }} as lowest_tenth_lift
    from levels
    group by group_number

),

counts as (

    select
        group_number,
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
    from numbered
    group by group_number

),

tested as (

    select
        group_numbers.scorecard,
        group_numbers.predictor,
        group_numbers.outcome,
        group_numbers.horizon_days,
        group_numbers.period,
        counts.*,
        areas.auc,
        areas.accounts,
        areas.accounts_with_outcome,
        areas.standard_error,
        lifts.lowest_tenth_lift,
        from_generic.auc as auc_minus_generic,
        from_generic.standard_error as generic_error,
        from_champion.auc as auc_minus_champion,
        from_champion.standard_error as champion_error,
        {{ auc_p_value('areas.auc', 'areas.standard_error') | indent(8) }} as p_value
    from group_numbers
    inner join counts
        on group_numbers.group_number = counts.group_number
    inner join areas
        on group_numbers.group_number = areas.group_number
    inner join lifts
        on group_numbers.group_number = lifts.group_number
    left join differences as from_generic
        on group_numbers.group_number = from_generic.group_number
        and from_generic.rival = 'generic'
    left join differences as from_champion
        on group_numbers.group_number = from_champion.group_number
        and from_champion.rival = 'champion'

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
        {{ auc_limit('auc', 'standard_error', 'low') }} as auc_low,
        {{ auc_limit('auc', 'standard_error', 'high') }} as auc_high,
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
        auc_minus_generic - 1.959964 * generic_error as auc_minus_generic_low,
        auc_minus_generic + 1.959964 * generic_error as auc_minus_generic_high,
        auc_minus_generic - 1.959964 * generic_error > 0 as beats_generic,
        auc_minus_champion,
        auc_minus_champion - 1.959964 * champion_error as auc_minus_champion_low,
        auc_minus_champion + 1.959964 * champion_error as auc_minus_champion_high,
        auc_minus_champion - 1.959964 * champion_error > 0 as beats_champion
    from corrected

)

select * from final
