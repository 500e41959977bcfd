-- Grain: one row per finding about an id that points nowhere, or in a circle: CSMs, subscriptions, parents,
-- identifiers; and about accounts whose row is younger than what they bought.
{{ config(materialized='view') }}

with

accounts_today as (

    select * from {{ ref('stg_crm__accounts') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

unknown_csms as (

    select
        'unknown_csm' as finding,
        csm_id as entity,
        {{ counted('count(*)', 'account') }} || ' of a CSM who is not in csms' as detail,
        {{ as_of_date() }} as found_on
    from accounts_today
    where csm_id is not null
        and {{ is_in_none_of('csm_id', ref('stg_crm__csms')) }}
    group by 2

),

-- a billing system that exports no contract ids leaves nothing to compare
known_subscriptions as (

    select subscription_id from {{ ref('stg_billing__subscriptions') }}
    where subscription_id is not null

),

unknown_subscriptions as (

    select
        'unknown_subscription' as finding,
        'invoice_lines' as entity,
        {{ counted('count(*)', 'line') }} || ' of ' || {{ counted('count(distinct subscription_id)', 'subscription') }}
        || ' that are not in subscriptions (for example ' || min(subscription_id) || ')' as detail,
        max(issued_on) as found_on
    from {{ ref('base_billing__invoice_lines') }}
    where row_fate = 'staged'
        and subscription_id is not null
        and {{ is_in_none_of('subscription_id', 'known_subscriptions') }}
    having count(*) > 0

),

account_ids as (

    select distinct account_id from {{ ref('stg_crm__accounts') }}

),

parents_today as (

    select * from {{ ref('int_account_parents') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

parents as (

    select
        accounts_today.account_id,
        accounts_today.parent_account_id,
        account_ids.account_id is not null as is_known
    from accounts_today
    left join account_ids
        on accounts_today.parent_account_id = account_ids.account_id
    left join parents_today
        on accounts_today.account_id = parents_today.account_id
    where accounts_today.parent_account_id is not null
        and parents_today.account_id is null

),

broken_parents as (

    select
        case when is_known then 'parent_cycle' else 'orphan_parent' end as finding,
        account_id as entity,
        case
            when parent_account_id = account_id then 'names itself as its parent'
            when is_known then 'belongs to ' || parent_account_id || ', whose parents lead back to it'
            else 'belongs to ' || parent_account_id || ', which is not in accounts'
        end as detail,
        {{ as_of_date() }} as found_on
    from parents

),

overlapping_identifiers as (

    select
        'overlapping_identifier' as finding,
        identifiers.source || '/' || identifiers.external_id as entity,
        'is said to mean ' || identifiers.account_id || ', but is the id of another account' as detail,
        {{ as_of_date() }} as found_on
    from {{ ref('base_crm__account_identifiers') }} as identifiers
    inner join account_ids
        on identifiers.external_id = account_ids.account_id
    where identifiers.row_fate = 'staged'
        and identifiers.account_id <> identifiers.external_id

),

young_accounts as (

    -- the first version of an account reaches back to its contract: the customer was there, whatever the CRM says
    select
        'account_younger_than_contract' as finding,
        'accounts' as entity,
        {{ counted('count(*)', 'account') }} || ' created after the first day of its contract (for example '
        || min(accounts.account_id) || ')' as detail,
        {{ as_of_date() }} as found_on
    from (
        select account_id, min(spell_starts_on) as customer_since_on
        from {{ ref('int_account_spells') }}
        group by 1
    ) as customers
    inner join {{ ref('stg_crm__accounts') }} as accounts
        on customers.account_id = accounts.account_id
    where accounts.version_number = 1
        and {{ to_reporting_date('accounts.created_at') }} > customers.customer_since_on
    having count(*) > 0

),

final as (

    select * from unknown_csms
    union all
    select * from young_accounts
    union all
    select * from unknown_subscriptions
    union all
    select * from broken_parents
    union all
    select * from overlapping_identifiers

)

select * from final
