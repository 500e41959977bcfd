-- Grain: one row per account, declared outcome and version.
with

staged as (

    select * from {{ ref('base_crm__account_outcomes') }}
    where row_fate = 'staged'

),

renamed as (

    select
        resolved_account_id as account_id,
        desired_outcome,
        declared_on,
        coalesce(is_primary, false) as is_primary,
        ended_on,
        interview_on,
        interview_note,
        updated_at is null as is_undated_version,
        {{ version_columns(['account_id', 'desired_outcome', 'declared_on'], 'declared_on') }}
    from staged

)

select * from renamed
