-- Grain: one row per CSM (and all of them together): what it would have brought to look after as many of the lowest scores
-- at the end of each month as the CSM's hours can serve.
{% set horizon_days = renewal_outcome_horizon() | int %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'
        and outcome = 'churned'
        and horizon_days = {{ horizon_days }}

),

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'

),

assigned as (

    select
        pairs.account_id,
        pairs.date_day,
        pairs.score,
        pairs.band,
        pairs.has_outcome,
        observations.mrr_usd,
        csms.csm_id,
        floor(csms.weekly_hours * 52 / 12 * {{ var('rescue_hours_share') }} / {{ var('rescue_hours') }}) as capacity
    from pairs
    inner join observations
        on pairs.account_id = observations.account_id
        and pairs.date_day = observations.date_day
    inner join {{ ref('stg_crm__accounts') }} as accounts
        on pairs.account_id = accounts.account_id
        and pairs.date_day >= accounts.valid_from_on
        and pairs.date_day < accounts.valid_to_on
    inner join {{ ref('stg_crm__csms') }} as csms
        on accounts.csm_id = csms.csm_id
        and pairs.date_day >= csms.valid_from_on
        and pairs.date_day < csms.valid_to_on
    where csms.weekly_hours is not null

),

ranked as (

    select
        *,
        row_number() over (partition by csm_id, date_day order by score, mrr_usd desc, account_id) <= capacity as is_served
    from assigned

),

scopes as (

    select
        'csm' as scope,
        csm_id,
        date_day,
        band,
        has_outcome,
        mrr_usd,
        is_served
    from ranked
    union all
    select
        'all' as scope,
        'all' as csm_id,
        date_day,
        band,
        has_outcome,
        mrr_usd,
        is_served
    from ranked

),

capacities as (

    select
        scope,
        csm_id,
        sum(capacity) / count(distinct date_day) as served_at_most_a_month
    from (
        select distinct 'csm' as scope, csm_id, csm_id as whose, date_day, capacity from ranked
        union
        select distinct 'all' as scope, 'all' as csm_id, csm_id as whose, date_day, capacity from ranked
    ) as monthly_capacities
    group by 1, 2

),

sums as (

    select
        scope,
        csm_id,
        count(distinct date_day) as months,
        cast(count(*) as double) as observations,
        cast(sum(case when has_outcome then 1 else 0 end) as double) as events,
        cast(sum(case when is_served then 1 else 0 end) as double) as served,
        cast(sum(case when is_served and has_outcome then 1 else 0 end) as double) as served_events,
        cast(sum(case when band = 'unhealthy' then 1 else 0 end) as double) as red,
        cast(sum(case when band = 'unhealthy' and has_outcome then 1 else 0 end) as double) as red_events,
        sum(case when is_served then mrr_usd else 0 end) as mrr_served,
        sum(case when is_served and has_outcome then mrr_usd else 0 end) as mrr_served_leaving,
        sum(case when has_outcome then mrr_usd else 0 end) as mrr_leaving
    from scopes
    group by 1, 2

),

final as (

    select
        cast(sums.scope as {{ dbt.type_string() }}) as scope,
        sums.csm_id,
        csms.csm_name,
        cast(sums.months as integer) as months,
        sums.observations / sums.months as customers_a_month,
        cast(capacities.served_at_most_a_month as double) as served_at_most_a_month,
        sums.red / sums.months as red_a_month,
        sums.events / sums.observations as base_rate,
        sums.served_events / nullif(sums.served, 0) as served_precision,
        sums.served_events / nullif(sums.served, 0) / nullif(sums.events / sums.observations, 0) as served_multiple,
        sums.served_events / nullif(sums.events, 0) as events_served_share,
        sums.red_events / nullif(sums.red, 0) as red_precision,
        cast(sums.mrr_served / sums.months as double) as mrr_served_a_month_usd,
        cast(sums.mrr_served_leaving / nullif(sums.mrr_leaving, 0) as double) as leaving_mrr_served_share
    from sums
    inner join capacities
        on sums.scope = capacities.scope
        and sums.csm_id = capacities.csm_id
    left join {{ ref('int_current_csms') }} as csms
        on sums.csm_id = csms.csm_id

)

select * from final
