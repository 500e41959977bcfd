-- Grain: one row per usage event.
with

staged as (

    select * from {{ ref('base_product__usage_events') }}
    where row_fate = 'staged'

),

renamed as (

    select
        event_id,
        resolved_account_id as account_id,
        user_id,
        event_name,
        occurred_at,
        {{ to_reporting_date('occurred_at') }} as occurred_on,
        coalesce(quantity, 1) as quantity
    from staged

)

select * from renamed
