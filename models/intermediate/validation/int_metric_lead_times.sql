-- Grain: one row per metric (and health_score, the headline score) and lead time: how well it tells those who leave
-- that many days later from those who are still there when they are over. Who leaves earlier is asked in an earlier
-- row.

with

metrics as (

    select metric, label, indicator_type, is_shadow from {{ ref('int_metric_definitions') }}
    union all
    select 'health_score' as metric, 'Headline score' as label, 'leading' as indicator_type, false as is_shadow

),

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'

),

signals as (

    select account_id, date_day, metric, points as score
    from {{ ref('int_month_end_points') }}
    where points is not null
    union all
    select account_id, date_day, 'health_score' as metric, score
    from {{ ref('int_predictions') }}
    where predictor = 'scorecard'

),

lead_times as (

    {% for from_days, to_days in lead_times() -%}
    select {{ from_days }} as from_days, {{ to_days }} as to_days
    {{- ' union all ' if not loop.last }}
    {% endfor %}
),

groups as (

    select
        metrics.metric,
        lead_times.from_days,
        lead_times.to_days,
        row_number() over (order by lead_times.from_days, lead_times.to_days, metrics.metric) as group_number
    from metrics
    cross join lead_times

),

pairs as (

    select
        groups.group_number,
        signals.account_id,
        signals.score,
        coalesce(observations.days_to_outcome <= groups.to_days, false) as has_outcome
    from signals
    inner join observations
        on signals.account_id = observations.account_id
        and signals.date_day = observations.date_day
    inner join groups
        on signals.metric = groups.metric
        and observations.days_decided >= groups.to_days
        and coalesce(observations.days_to_outcome, groups.from_days) >= groups.from_days

),

levels as (

    {{ score_levels('pairs', ['group_number']) }}

),

placements as (

    {{ account_placements('pairs', 'levels', ['group_number']) }}

),

areas as (

    {{ clustered_auc('placements', ['group_number']) }}

),

final as (

    select
        groups.metric,
        metrics.label as metric_label,
        metrics.indicator_type,
        not metrics.is_shadow as is_weighted,
        cast(groups.from_days as integer) as from_days,
        cast(groups.to_days as integer) as to_days,
        cast(coalesce(areas.events + areas.others, 0) as integer) as observations,
        cast(coalesce(areas.events, 0) as integer) as events,
        cast(coalesce(areas.accounts_with_outcome, 0) as integer) as accounts_with_outcome,
        areas.auc,
        areas.standard_error,
        {{ auc_limit('areas', 'low') }} as auc_low,
        {{ auc_limit('areas', 'high') }} as auc_high,
        {{ auc_limit('areas', 'low') }} > 0.5e0 as tells_who_leaves
    from groups
    inner join metrics
        on groups.metric = metrics.metric
    left join areas
        on groups.group_number = areas.group_number

)

select * from final
