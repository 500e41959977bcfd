-- Grain: one row per change of a ticket's status.
with

staged as (

    select * from {{ ref('base_support__ticket_events') }}
    where row_fate = 'staged'

),

renamed as (

    select
        ticket_id,
        resolved_account_id as account_id,
        changed_at,
        {{ to_reporting_date('changed_at') }} as changed_on,
        known_status as status,
        priority
    from staged

)

select * from renamed
