-- Grain: one row per pulse, a CSM's dated judgement of an account.
with

staged as (

    select * from {{ ref('base_crm__csm_pulses') }}
    where row_fate = 'staged'

),

renamed as (

    select
        pulse_id,
        resolved_account_id as account_id,
        csm_id,
        role,
        pulse,
        note,
        recorded_at,
        {{ to_reporting_date('recorded_at') }} as recorded_on
    from staged

)

select * from renamed
