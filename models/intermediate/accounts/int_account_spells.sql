-- Grain: one row per account and spell, an unbroken customer relationship.
-- A gap of up to grace_days does not break it; the days of grace stay in the index, so that no row depends on whether
-- the customer came back.
with

customer_periods as (

    -- items of the same period are one here: with ties, their order would differ from step to step
    select distinct
        account_id,
        starts_on,
        ends_on
    from {{ ref('int_subscription_periods') }}
    where is_customer_item
        and starts_on <= {{ as_of_date() }}

),

covered as (

    select
        *,
        max(ends_on) over (
            partition by account_id order by starts_on, ends_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until_on
    from customer_periods

),

marked as (

    select
        *,
        case
            when covered_until_on is null
                or {{ days_between('covered_until_on', 'starts_on') }} > {{ var('grace_days') }} then 1
            else 0
        end as opens_spell
    from covered

),

numbered as (

    select
        *,
        sum(opens_spell) over (
            partition by account_id order by starts_on, ends_on
            rows between unbounded preceding and current row
        ) as spell_number
    from marked

),

final as (

    select
        account_id,
        cast(spell_number as integer) as spell_number,
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
