-- Grain: one row per customer of the last day, desired outcome it is on the path to, and product that brings that
-- nearer: whether the customer has it. An outcome without what it requires is a promise that the contract cannot keep.
with

account_days as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

outcome_packages as (

    select * from {{ ref('outcome_packages') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

packages as (

    select
        account_days.account_id,
        account_days.segment,
        account_days.mrr_usd,
        outcome_packages.desired_outcome,
        outcome_packages.product,
        outcome_packages.importance,
        outcome_packages.rationale,
        coalesce({{ list_contains_item('account_days.products', 'outcome_packages.product') }}, false) as has_product
    from account_days
    inner join outcome_packages
        on {{ list_contains_item('account_days.desired_outcomes', 'outcome_packages.desired_outcome') }}

),

final as (

    select
        packages.account_id,
        accounts.account_name,
        packages.segment,
        accounts.csm_id,
        packages.desired_outcome,
        packages.product,
        packages.importance,
        packages.has_product,
        count(case when packages.importance = 'required' and not packages.has_product then 1 end) over (
            partition by packages.account_id, packages.desired_outcome
        ) = 0 as has_all_required,
        cast(packages.mrr_usd as {{ money() }}) as mrr_usd,
        packages.rationale
    from packages
    inner join accounts
        on packages.account_id = accounts.account_id

)

select * from final
