-- Grain: one row per group of accounts that use the product alike.
-- Success is that of the accounts in the group at the last month end; who left is counted from the last month end of
-- which it is decided, among those who were in the group then. A share of fewer accounts than group_min_accounts is not
-- shown.
{% set horizon_days = renewal_outcome_horizon() | int %}

with

clusters as (

    select * from {{ ref('int_usage_clusters') }}

),

-- whoever wants two things is successful with both or not at all
successes as (

    select
        account_id,
        bool_and(is_successful) as is_successful,
        sum(criteria_known) as criteria_known,
        sum(criteria_met) as criteria_met
    from {{ ref('int_account_success') }}
    where is_successful is not null
    group by 1

),

observations as (

    select
        account_id,
        date_day,
        coalesce(days_to_outcome <= {{ horizon_days }}, false) as has_left
    from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'
        and days_decided >= {{ horizon_days }}

),

customers as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

now as (

    select
        clusters.usage_cluster,
        count(*) as accounts,
        sum(customers.mrr_usd) as mrr_usd,
        cast(count(successes.is_successful) as double) as accounts_judged,
        cast(sum(case when successes.is_successful then 1 else 0 end) as double) as accounts_successful,
        cast(sum(successes.criteria_met) as double) / nullif(sum(successes.criteria_known), 0) as criteria_met_share
    from clusters
    left join customers
        on clusters.account_id = customers.account_id
    left join successes
        on clusters.account_id = successes.account_id
    where clusters.is_latest
    group by 1

),

earlier as (

    select
        clusters.usage_cluster,
        max(clusters.date_day) as observed_on,
        cast(count(*) as double) as accounts_observed,
        cast(sum(case when observations.has_left then 1 else 0 end) as double) as accounts_left
    from clusters
    inner join observations
        on clusters.account_id = observations.account_id
        and clusters.date_day = observations.date_day
    group by 1

),

names as (

    select distinct
        usage_cluster,
        usage_cluster_name
    from clusters

),

shares as (

    select
        names.*,
        coalesce(now.accounts, 0) as accounts,
        coalesce(now.mrr_usd, 0) as mrr_usd,
        now.accounts_judged,
        case
            when now.accounts_judged >= {{ var('group_min_accounts') }}
                then now.accounts_successful / nullif(now.accounts_judged, 0)
        end as success_share,
        case
            when now.accounts_judged >= {{ var('group_min_accounts') }} then now.criteria_met_share
        end as criteria_met_share,
        earlier.observed_on,
        earlier.accounts_observed,
        case
            when earlier.accounts_observed >= {{ var('group_min_accounts') }}
                then 1 - earlier.accounts_left / nullif(earlier.accounts_observed, 0)
        end as stayed_share
    from names
    left join now
        on names.usage_cluster = now.usage_cluster
    left join earlier
        on names.usage_cluster = earlier.usage_cluster

),

final as (

    select
        cast(usage_cluster as integer) as usage_cluster,
        usage_cluster_name,
        cast(accounts as integer) as accounts,
        cast(mrr_usd as double) as mrr_usd,
        cast(coalesce(accounts_judged, 0) as integer) as accounts_judged,
        success_share,
        {{ wilson_limit('success_share', 'accounts_judged', 'low') }} as success_share_low,
        {{ wilson_limit('success_share', 'accounts_judged', 'high') }} as success_share_high,
        criteria_met_share,
        observed_on,
        cast(coalesce(accounts_observed, 0) as integer) as accounts_observed,
        stayed_share,
        {{ wilson_limit('stayed_share', 'accounts_observed', 'low') }} as stayed_share_low,
        {{ wilson_limit('stayed_share', 'accounts_observed', 'high') }} as stayed_share_high
    from shares

)

select * from final
