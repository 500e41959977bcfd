-- Grain: one row per account and version.
with

staged as (

    select * from {{ ref('base_crm__accounts') }}
    where row_fate = 'staged'

),

renamed as (

    select
        account_id,
        -- an export without names is sound: people then read the id
        coalesce(nullif(trim(name), ''), account_id) as account_name,
        nullif(parent_account_id, '') as parent_account_id,
        segment,
        industry,
        region,
        currency,
        csm_id,
        contracted_products,
        not_recorded,
        created_at,
        {{ version_columns(['account_id'], is_dimension=true) }}
    from staged

)

select * from renamed
