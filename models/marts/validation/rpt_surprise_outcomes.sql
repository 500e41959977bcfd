-- Grain: one row per account and departure, or day with a detractor, of the days that were scored: what the score said
-- before, and which metric moved it most in the last 90 days before it.
{% set days_before = [180, 90, 60, 30] %}
{% set moved_days = 90 %}

with

outcomes as (

    select * from {{ ref('int_observed_outcomes') }}
    where outcome in ('churned', 'detractor')

),

moments as (

    {% for days in days_before -%}
    select account_id, outcome, outcome_on, {{ days }} as days_before, {{ add_days('outcome_on', -days) }} as date_day
    from outcomes
    {{- ' union all ' if not loop.last }}
    {% endfor %}
),

scores as (

    select
        moments.account_id,
        moments.outcome,
        moments.outcome_on,
        moments.days_before,
        scores.scorecard,
        scores.health_score,
        scores.grade,
        row_number() over (
            partition by moments.account_id, moments.outcome, moments.outcome_on order by moments.days_before
        ) as latest_first
    from moments
    inner join {{ ref('int_health_scores') }} as scores
        on moments.account_id = scores.account_id
        and moments.date_day = scores.date_day
    where scores.is_primary

),

said as (

    select
        account_id,
        outcome,
        outcome_on,
        {%- for days in days_before %}
        max(case when days_before = {{ days }} then health_score end) as score_{{ days }}d_before,
        max(case when days_before = {{ days }} then grade end) as grade_{{ days }}d_before,
        {%- endfor %}
        max(case when latest_first = 1 then scorecard end) as scorecard
    from scores
    group by 1, 2, 3

),

moves as (

    select
        said.account_id,
        said.outcome,
        said.outcome_on,
        changes.metric,
        sum(changes.change_points) as change_points
    from said
    inner join {{ ref('int_score_changes') }} as changes
        on said.account_id = changes.account_id
        and said.scorecard = changes.scorecard
        and said.outcome_on > changes.date_day
        and changes.date_day >= {{ add_days('said.outcome_on', -moved_days) }}
    where changes.metric is not null
    group by 1, 2, 3, 4

),

largest_moves as (

    select
        *,
        row_number() over (
            partition by account_id, outcome, outcome_on order by abs(change_points) desc, metric
        ) as largest_first
    from moves

),

metrics as (

    select * from {{ ref('metrics') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

final as (

    select
        outcomes.account_id,
        accounts.account_name,
        accounts.segment,
        outcomes.outcome,
        outcomes.outcome_on,
        outcomes.evidence,
        said.scorecard,
        {%- for days in days_before %}
        said.score_{{ days }}d_before,
        said.grade_{{ days }}d_before,
        {%- endfor %}
        coalesce(said.grade_60d_before, said.grade_30d_before) in ({{ grades_named('healthy_grades') }}) as is_surprise,
        largest_moves.metric as moved_metric,
        metrics.label as moved_metric_label,
        largest_moves.change_points as moved_points
    from outcomes
    inner join said
        on outcomes.account_id = said.account_id
        and outcomes.outcome = said.outcome
        and outcomes.outcome_on = said.outcome_on
    left join largest_moves
        on outcomes.account_id = largest_moves.account_id
        and outcomes.outcome = largest_moves.outcome
        and outcomes.outcome_on = largest_moves.outcome_on
        and largest_moves.largest_first = 1
    left join metrics
        on largest_moves.metric = metrics.metric
    left join accounts
        on outcomes.account_id = accounts.account_id

)

select * from final
