-- Grain: one row per scorecard (or all), predictor, outcome, horizon and period (a quarter, or all): what can be
-- counted without an order: who met the outcome, in which band they had been, and how far off the shown probabilities
-- were.
{{ config(tags=['what_if']) }}

{% set warned_from_days, warned_to_days = 60, 90 %}
{% set due_to_warn = 'days_to_outcome between ' ~ warned_from_days ~ ' and ' ~ warned_to_days %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}

),

grade_rates as (

    select * from {{ ref('int_grade_rates') }}

),

-- the probability that could have been shown then, once it had something to rest on
probabilities as (

    select
        pairs.*,
        case when pairs.has_outcome then 1 else 0 end as came_true,
        case
            when pairs.predictor = 'scorecard' and grade_rates.all_events >= {{ var('accuracy_min_accounts') }}
                then grade_rates.events / nullif(grade_rates.observations, 0)
        end as shown_probability,
        grade_rates.all_events / nullif(grade_rates.all_observations, 0) as shown_base_rate
    from pairs
    left join grade_rates
        on pairs.outcome = grade_rates.outcome
        and pairs.horizon_days = grade_rates.horizon_days
        and pairs.date_day = grade_rates.known_on
        and pairs.grade = grade_rates.grade

),

grouped as (

    {{ judged_groups(
        'probabilities',
        'date_day, band, has_outcome, came_true, days_to_outcome, shown_probability, shown_base_rate'
    ) | indent(4) }}

),

final as (

    select
        scorecard,
        predictor,
        outcome,
        horizon_days,
        period,
        min(date_day) as first_month_on,
        max(date_day) as last_month_on,
        count(*) as observations,
        sum(came_true) as events,
        count(case when band = 'healthy' then 1 end) as healthy,
        count(case when band = 'unhealthy' then 1 end) as red,
        count(case when band = 'unhealthy' and has_outcome then 1 end) as red_events,
        case when horizon_days >= {{ warned_to_days }} then count(case when {{ due_to_warn }} then 1 end) end
            as events_due_to_warn,
        count(case when {{ due_to_warn }} and band <> 'healthy' then 1 end) as events_warned,
        count(shown_probability) as probabilities_shown,
        avg(power(shown_probability - came_true, 2)) as brier_score,
        avg(case when shown_probability is not null then power(shown_base_rate - came_true, 2) end)
            as brier_score_of_base_rate
    from grouped
    group by 1, 2, 3, 4, 5

)

select * from final
