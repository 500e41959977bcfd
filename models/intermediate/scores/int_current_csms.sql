-- Grain: one row per customer success manager, as of the last day.
with

csms as (

    select * from {{ ref('stg_crm__csms') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

final as (

    select
        csm_id,
        csm_name,
        team,
        weekly_hours
    from csms

)

select * from final
