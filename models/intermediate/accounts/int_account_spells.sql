-- Grain: one row per account and spell, an unbroken customer relationship.
-- A gap of up to grace_days does not break it; the days of grace stay in the index, so that no row depends on whether
-- the customer came back.
with

customer_periods as (

    -- items of the same period are one here
    select distinct
        account_id,
        starts_on,
        ends_on
    from {{ ref('int_subscription_periods') }}
    where is_customer_item
        and starts_on <= {{ as_of_date() }}

),

numbered as (

    {{ numbered_spells('customer_periods') }}

),

final as (

    select
        account_id,
        spell_number,
        min(starts_on) as spell_starts_on,
        max(ends_on) as paid_until_on,
        case
            when max(ends_on) = {{ open_end() }} then {{ open_end() }}
            else {{ add_days('max(ends_on)', var('grace_days')) }}
        end as spell_ends_on
    from numbered
    group by 1, 2

)

select * from final
