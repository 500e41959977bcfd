-- Grain: one row per account known on the last day, customers and others, as it stands on that day.
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

parents as (

    select * from {{ ref('int_account_parents') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

ancestors as (

    select
        *,
        row_number() over (partition by account_id order by levels_up desc) as highest_first
    from {{ ref('int_account_ancestors') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

account_days as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

customer_periods as (

    select
        account_id,
        min(spell_starts_on) as first_customer_on,
        {{ add_days('max(period_ends_on)', -1) }} as last_customer_on
    from {{ ref('int_account_periods') }}
    group by 1

),

final as (

    select
        accounts.account_id,
        accounts.account_name,
        accounts.segment,
        accounts.industry,
        accounts.region,
        accounts.currency,
        accounts.csm_id,
        csms.csm_name,
        csms.team as csm_team,
        parents.parent_account_id,
        coalesce(ancestors.ancestor_account_id, accounts.account_id) as top_parent_account_id,
        account_days.account_id is not null as is_customer,
        coalesce(account_days.is_in_grace, false) as is_in_grace,
        customer_periods.first_customer_on,
        case when account_days.account_id is null then customer_periods.last_customer_on end as last_customer_on,
        account_days.tenure_days,
        account_days.tenure_band,
        cast(
            case when account_days.account_id is null then 0 else account_days.mrr_usd end as {{ money() }}
        ) as mrr_usd,
        cast(coalesce(account_days.seats, 0) as double) as seats,
        account_days.desired_outcomes,
        account_days.primary_outcome
    from accounts
    left join csms
        on accounts.csm_id = csms.csm_id
    left join parents
        on accounts.account_id = parents.account_id
    left join ancestors
        on accounts.account_id = ancestors.account_id
        and ancestors.highest_first = 1
    left join account_days
        on accounts.account_id = account_days.account_id
    left join customer_periods
        on accounts.account_id = customer_periods.account_id

)

select * from final
