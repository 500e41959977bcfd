-- Grain: one row per engagement and version.
with

staged as (

    select * from {{ ref('base_crm__engagements') }}
    where row_fate = 'staged'

),

renamed as (

    select
        engagement_id,
        resolved_account_id as account_id,
        csm_id,
        kind,
        desired_outcome,
        known_status as status,
        occurred_at,
        {{ to_reporting_date('occurred_at') }} as occurred_on,
        closed_on,
        disposition,
        disposition_on,
        note,
        updated_at is null as is_undated_version,
        {{ version_columns(['engagement_id'], 'occurred_at') }}
    from staged

)

select * from renamed
