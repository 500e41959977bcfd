-- Grain: one row per scorecard (or all), outcome, horizon, kind of bin (grade or decile) and bin: how often the outcome
-- followed on scores of that bin, by all pairs that are decided on the last day.
{% set groups = ['scorecard', 'outcome', 'horizon_days', 'bin_kind', 'bin'] %}
{% set by_group = groups | join(', ') %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'

),

scorecards as (

    select
        scorecard, account_id, outcome, horizon_days, score, grade, has_outcome
    from pairs
    union all
    select
        'all' as scorecard, account_id, outcome, horizon_days, score, grade, has_outcome
    from pairs

),

ranked as (

    select
        *,
        rank() over (partition by scorecard, outcome, horizon_days order by score) as score_rank,
        count(*) over (partition by scorecard, outcome, horizon_days) as scores
    from scorecards

),

placed as (

    -- equal scores share a decile: the one in which the first of them falls
    select *, 1 + floor(10e0 * (score_rank - 1) / nullif(scores, 0)) as decile from ranked

),

binned as (

    select
        scorecard, outcome, horizon_days, account_id, score, has_outcome,
        'grade' as bin_kind,
        grade as bin
    from placed
    where grade is not null
    union all
    select
        scorecard, outcome, horizon_days, account_id, score, has_outcome,
        'decile' as bin_kind,
        cast(cast(decile as integer) as {{ dbt.type_string() }}) as bin
    from placed

),

accounts as (

    select
        {{ by_group }},
        account_id,
        cast(count(*) as double) as observations,
        cast(sum(case when has_outcome then 1 else 0 end) as double) as events,
        {{ exact_sum('score') }} as score_sum,
        min(score) as lowest_score,
        max(score) as highest_score
    from binned
    group by {{ by_group }}, account_id

),

shares as (

    select
        *,
        sum(events) over (partition by {{ by_group }}) / nullif(sum(observations) over (partition by {{ by_group }}), 0)
            as outcome_rate
    from accounts

),

bins as (

    select
        {{ by_group }},
        sum(observations) as observations,
        cast(count(*) as double) as accounts,
        sum(events) as events,
        sum(case when events > 0 then 1 else 0 end) as accounts_with_outcome,
        min(lowest_score) as lowest_score,
        max(highest_score) as highest_score,
        {{ exact_sum('score_sum') }} / nullif(sum(observations), 0) as average_score,
        max(outcome_rate) as outcome_rate,
        {{ exact_sum('power(events - outcome_rate * observations, 2)') }} as spread
    from shares
    group by {{ by_group }}

),

supported as (

    select
        *,
        {{ effective_observations('observations', 'accounts', 'outcome_rate', 'spread') | indent(8) }}
            as effective_observations
    from bins

),

final as (

    select
        scorecard,
        outcome,
        horizon_days,
        cast(bin_kind as {{ dbt.type_string() }}) as bin_kind,
        bin,
        lowest_score,
        average_score,
        highest_score,
        cast(observations as integer) as observations,
        cast(accounts as integer) as accounts,
        cast(events as integer) as events,
        cast(accounts_with_outcome as integer) as accounts_with_outcome,
        outcome_rate,
        effective_observations,
        {{ wilson_limit('outcome_rate', 'effective_observations', 'low') }} as outcome_rate_low,
        {{ wilson_limit('outcome_rate', 'effective_observations', 'high') }} as outcome_rate_high
    from supported

)

select * from final
