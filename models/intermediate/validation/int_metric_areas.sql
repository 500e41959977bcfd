-- Grain: one row per metric and horizon: of how many the points of the metric were known, and what they told apart.

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

final as (

    select
        groups.metric,
        groups.horizon_days,
        coalesce(areas.events, 0) as events,
        coalesce(areas.others, 0) as others,
        coalesce(areas.accounts_with_outcome, 0) as accounts_with_outcome,
        coalesce((areas.events + areas.others) / nullif(cast(customers.customers as double), 0), 0) as known_share,
        areas.auc,
        areas.standard_error,
        {{ auc_limit('areas', 'low') }} as auc_low,
        {{ auc_limit('areas', 'high') }} as auc_high,
        {{ auc_p_value('areas') | indent(8) }} as p_value,
        lifts.lowest_tenth_lift
    from groups
    left join customers
        on groups.horizon_days = customers.horizon_days
    left join areas
        on groups.group_number = areas.group_number
    left join lifts
        on groups.group_number = lifts.group_number

)

select * from final
