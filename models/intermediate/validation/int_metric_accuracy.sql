-- Grain: one row per metric and horizon: how well the points of the metric alone tell who left from who stayed. Shadow
-- metrics are in it like all others, and so are those of which nothing is known.

with

metrics as (

    select * from {{ ref('int_metric_definitions') }}

),

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'

),

horizons as (

    {% for horizon_days in var('outcome_horizons') -%}
    select {{ horizon_days }} as horizon_days
    {{- ' union all ' if not loop.last }}
    {% endfor %}
),

groups as (

    select
        metrics.metric,
        horizons.horizon_days,
        row_number() over (order by horizons.horizon_days, metrics.metric) as group_number
    from metrics
    cross join horizons

),

customers as (

    select
        horizons.horizon_days,
        count(*) as customers
    from observations
    inner join horizons
        on observations.days_decided >= horizons.horizon_days
    group by 1

),

pairs as (

    select
        groups.group_number,
        points.account_id,
        points.points as score,
        coalesce(observations.days_to_outcome <= groups.horizon_days, false) as has_outcome
    from {{ ref('int_month_end_points') }} as points
    inner join observations
        on points.account_id = observations.account_id
        and points.date_day = observations.date_day
    inner join groups
        on points.metric = groups.metric
        and observations.days_decided >= groups.horizon_days
    where points.points is not null

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

lifts as (

    select
        levels.group_number,
        {{ lowest_tenth_lift('levels') | indent(8) }} as lowest_tenth_lift
    from levels
    group by 1

),

tested as (

    select
        groups.metric,
        groups.horizon_days,
        areas.events,
        areas.others,
        areas.accounts_with_outcome,
        areas.auc,
        areas.standard_error,
        {{ auc_limit('areas', 'low') }} as auc_low,
        {{ auc_limit('areas', 'high') }} as auc_high,
        {{ auc_p_value('areas') | indent(8) }} as p_value,
        lifts.lowest_tenth_lift
    from groups
    left join areas
        on groups.group_number = areas.group_number
    left join lifts
        on groups.group_number = lifts.group_number

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
        corrected.metric,
        metrics.label as metric_label,
        cast(corrected.horizon_days as integer) as horizon_days,
        metrics.indicator_type,
        metrics.motion,
        not metrics.is_shadow as is_weighted,
        metrics.weighted_in_scorecards,
        cast(coalesce(corrected.events + corrected.others, 0) as integer) as observations,
        coalesce((corrected.events + corrected.others) / cast(customers.customers as double), 0) as known_share,
        cast(coalesce(corrected.events, 0) as integer) as events,
        cast(coalesce(corrected.accounts_with_outcome, 0) as integer) as accounts_with_outcome,
        corrected.auc,
        corrected.standard_error,
        corrected.auc_low,
        corrected.auc_high,
        corrected.p_value,
        corrected.p_value_holm,
        corrected.p_value < 0.05 as differs_from_chance,
        corrected.p_value_holm < 0.05 as differs_from_chance_holm,
        corrected.lowest_tenth_lift,
        case
            when coalesce(corrected.events + corrected.others, 0) = 0 then 'never known'
            when corrected.standard_error is null then 'too few departures to tell'
            when corrected.auc_low > 0.5 then 'tells who leaves'
            when corrected.auc_high < 0.5 then 'tells it the wrong way round'
            else 'no better than chance'
        end as verdict
    from corrected
    inner join metrics
        on corrected.metric = metrics.metric
    left join customers
        on corrected.horizon_days = customers.horizon_days

)

select * from final
