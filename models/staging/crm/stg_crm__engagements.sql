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
        {{ known_later(['engagement_id'], 'closed_on', 'known_status') }} as status,
        occurred_at,
        {{ to_reporting_date('occurred_at') }} as occurred_on,
        {{ known_later(['engagement_id'], 'closed_on') }} as closed_on,
        {{ known_later(['engagement_id'], 'disposition_on', 'disposition') }} as disposition,
        {{ known_later(['engagement_id'], 'disposition_on') }} as disposition_on,
        note,
        {{ version_columns(['engagement_id'], 'occurred_at') }}
    from staged

)

select * from renamed
