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
        {{ known_later(['account_id', 'desired_outcome', 'declared_on'], 'ended_on') }} as ended_on,
        interview_on,
        interview_note,
        {{ version_columns(['account_id', 'desired_outcome', 'declared_on'], 'declared_on') }}
    from staged

)

select * from renamed
