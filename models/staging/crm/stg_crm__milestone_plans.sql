-- Grain: one row per account, planned milestone and version of the plan.
with

staged as (

    select * from {{ ref('base_crm__milestone_plans') }}
    where row_fate = 'staged'

),

renamed as (

    select
        resolved_account_id as account_id,
        milestone,
        due_on,
        {{ version_columns(['account_id', 'milestone']) }}
    from staged

)

select * from renamed
