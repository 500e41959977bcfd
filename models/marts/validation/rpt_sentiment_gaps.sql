-- Grain: one row per constellation of the three views of a customer (int_account_views).
-- Where views differ, the share of those who left says whom to believe.
{% set horizon_days = renewal_outcome_horizon() | int %}

with

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'
        and days_decided >= {{ horizon_days }}

),

constellations as (

    select * from {{ ref('int_account_views') }}

),

accounts as (

    select
        constellations.behaviour,
        constellations.sentiment,
        constellations.commercial,
        constellations.account_id,
        cast(count(*) as double) as observations,
        cast(sum(case when observations.days_to_outcome <= {{ horizon_days }} then 1 else 0 end) as double) as events
    from constellations
    inner join observations
        on constellations.account_id = observations.account_id
        and constellations.date_day = observations.date_day
    group by 1, 2, 3, 4

),

rates as (

    select
        *,
        sum(events) over (partition by behaviour, sentiment, commercial)
        / nullif(sum(observations) over (partition by behaviour, sentiment, commercial), 0) as outcome_rate,
        sum(events) over () / nullif(sum(observations) over (), 0) as base_rate
    from accounts

),

groups as (

    select
        behaviour,
        sentiment,
        commercial,
        sum(observations) as observations,
        cast(count(*) as double) as accounts,
        sum(events) as events,
        max(outcome_rate) as outcome_rate,
        max(base_rate) as base_rate,
        {{ exact_sum('power(events - outcome_rate * observations, 2)') }} as spread
    from rates
    group by 1, 2, 3

),

supported as (

    select
        *,
        {{ effective_observations('observations', 'accounts', 'outcome_rate', 'spread') | indent(8) }}
            as effective_observations
    from groups

),

limited as (

    select
        *,
        {{ wilson_limit('outcome_rate', 'effective_observations', 'low') }} as outcome_rate_low,
        {{ wilson_limit('outcome_rate', 'effective_observations', 'high') }} as outcome_rate_high
    from supported

),

today as (

    select
        constellations.behaviour,
        constellations.sentiment,
        constellations.commercial,
        count(*) as customers_today,
        sum(accounts.mrr_usd) as mrr_today_usd
    from constellations
    inner join {{ ref('int_current_accounts') }} as accounts
        on constellations.account_id = accounts.account_id
    where constellations.date_day = {{ as_of_date() }}
    group by 1, 2, 3

),

combined as (

    select
        coalesce(limited.behaviour, today.behaviour) as behaviour,
        coalesce(limited.sentiment, today.sentiment) as sentiment,
        coalesce(limited.commercial, today.commercial) as commercial,
        coalesce(limited.observations, 0) as observations,
        coalesce(limited.accounts, 0) as accounts,
        coalesce(limited.events, 0) as events,
        limited.outcome_rate,
        limited.outcome_rate_low,
        limited.outcome_rate_high,
        limited.base_rate,
        coalesce(today.customers_today, 0) as customers_today,
        coalesce(today.mrr_today_usd, 0) as mrr_today_usd
    from limited
    full outer join today
        on limited.behaviour = today.behaviour
        and limited.sentiment = today.sentiment
        and limited.commercial = today.commercial

),

final as (

    select
        behaviour,
        sentiment,
        commercial,
        cast(observations as integer) as observations,
        cast(accounts as integer) as accounts,
        cast(events as integer) as events,
        outcome_rate,
        outcome_rate_low,
        outcome_rate_high,
        base_rate,
        case
            when behaviour = sentiment then 'behaviour and sentiment agree'
            when 'unknown' in (behaviour, sentiment) then 'only one of them is known'
            when outcome_rate_low > base_rate then 'the worse of them proved right'
            when outcome_rate_high < base_rate then 'the better of them proved right'
            else 'not decided'
        end as who_proved_right,
        cast(customers_today as integer) as customers_today,
        cast(mrr_today_usd as {{ money() }}) as mrr_today_usd
    from combined

)

select * from final
