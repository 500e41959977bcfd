-- Grain: one row per customer on the last day: who looks after it, how it stands, what is due.
{{ config(materialized='view') }}

with

customers as (

    select
        *,
        coalesce(csm_name, 'none') as known_csm_name,
        coalesce(csm_team, 'none') as known_team
    from {{ ref('int_current_accounts') }}
    where is_customer

),

headline_health as (

    select * from {{ ref('int_account_health_current') }}
    where is_primary

),

renewals as (

    select
        account_id,
        count(*) as renewals_due,
        sum(mrr_due_usd) as mrr_due_usd
    from {{ ref('int_renewals_due') }}
    group by 1

),

final as (

    select
        customers.account_id,
        customers.known_team as team,
        case when customers.csm_name is not null then customers.csm_id end as csm_id,
        customers.known_csm_name as csm_name,
        customers.mrr_usd,
        customers.is_in_grace,
        headline_health.health_score,
        headline_health.shown_grade,
        headline_health.score_status,
        coalesce(headline_health.is_fast_drop, false) as is_fast_drop,
        coalesce(renewals.renewals_due, 0) as renewals_due,
        coalesce(renewals.mrr_due_usd, 0) as mrr_due_usd
    from customers
    left join headline_health
        on customers.account_id = headline_health.account_id
    left join renewals
        on customers.account_id = renewals.account_id

)

select * from final
