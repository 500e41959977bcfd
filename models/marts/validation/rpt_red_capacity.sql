-- Grain: one row per CSM (and all of them together): what it would have brought to look after as many of the lowest
-- scores at the end of each month as the CSM's hours can serve.

with

served as (

    select * from {{ ref('int_served_accounts') }}

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
    from served
    union all
    select
        'all' as scope,
        'all' as csm_id,
        date_day,
        band,
        has_outcome,
        mrr_usd,
        is_served
    from served

),

capacities as (

    select
        scope,
        csm_id,
        sum(capacity) / nullif(count(distinct date_day), 0) as served_at_most_a_month
    from (
        select distinct 'csm' as scope, csm_id, csm_id as whose, date_day, capacity from served
        union
        select distinct 'all' as scope, 'all' as csm_id, csm_id as whose, date_day, capacity from served
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
        sums.observations / nullif(sums.months, 0) as customers_a_month,
        cast(capacities.served_at_most_a_month as double) as served_at_most_a_month,
        sums.red / nullif(sums.months, 0) as red_a_month,
        sums.events / nullif(sums.observations, 0) as base_rate,
        sums.served_events / nullif(sums.served, 0) as served_precision,
        sums.served_events / nullif(sums.served, 0) / nullif(sums.events / nullif(sums.observations, 0), 0)
            as served_multiple,
        sums.served_events / nullif(sums.events, 0) as events_served_share,
        sums.red_events / nullif(sums.red, 0) as red_precision,
        cast(sums.mrr_served / nullif(sums.months, 0) as double) as mrr_served_a_month_usd,
        cast(sums.mrr_served_leaving / nullif(sums.mrr_leaving, 0) as double) as leaving_mrr_served_share
    from sums
    inner join capacities
        on sums.scope = capacities.scope
        and sums.csm_id = capacities.csm_id
    left join {{ ref('int_current_csms') }} as csms
        on sums.csm_id = csms.csm_id

)

select * from final
