-- Grain: one row per override of a grade and version.
with

staged as (

    select * from {{ ref('base_crm__score_overrides') }}
    where row_fate = 'staged'

),

renamed as (

    select
        override_id,
        resolved_account_id as account_id,
        scorecard,
        grade,
        author,
        reason,
        created_at,
        {{ to_reporting_date('created_at') }} as created_on,
        expires_on,
        {{ version_columns(['override_id'], 'created_at') }}
    from staged

)

select * from renamed
