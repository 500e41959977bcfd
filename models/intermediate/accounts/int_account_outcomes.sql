-- Grain: one row per account, declared desired outcome and period in which the declaration stands.
with

versions as (

    select * from {{ ref('stg_crm__account_outcomes') }}

),

bounded as (

    select
        account_id,
        desired_outcome,
        declared_on,
        is_primary,
        greatest(declared_on, valid_from_on) as starts_on,
        least(coalesce(ended_on, {{ open_end() }}), valid_to_on) as ends_on
    from versions

),

final as (

    select * from bounded
    where starts_on < ends_on

)

select * from final
