-- Grain: one row per customer success manager and version.
with

staged as (

    select * from {{ ref('base_crm__csms') }}
    where row_fate = 'staged'

),

renamed as (

    select
        csm_id,
        coalesce(nullif(trim(name), ''), csm_id) as csm_name,
        team,
        weekly_hours,
        {{ version_columns(['csm_id'], is_dimension=true) }}
    from staged

)

select * from renamed
