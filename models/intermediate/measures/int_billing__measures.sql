-- Grain: one row per account, day and billing measure.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

contracts as (

    select * from {{ ref('int_account_contracts') }}

),

spells as (

    select * from {{ ref('int_account_spells') }}

),

subscription_starts as (

    select * from {{ ref('stg_billing__subscriptions') }}
    where version_number = 1

),

invoice_days as (

    select * from {{ ref('int_billing__invoice_days') }}

),

overdue as (

    select * from {{ ref('int_billing__unpaid_changes') }}

),

contract_states as (

    -- compared with itself only, so at rates that do not move
    select account_id, changed_on as date_day, 'mrr_usd' as measure, mrr_constant_usd as value from contracts
    union all
    select account_id, changed_on as date_day, 'seats' as measure, seats as value from contracts
    union all
    select account_id, changed_on as date_day, 'discount_pct' as measure, discount_pct as value from contracts
    union all
    select
        account_id,
        changed_on as date_day,
        'cancel_requested' as measure,
        is_cancel_requested as value
    from contracts
    union all
    select
        account_id,
        changed_on as date_day,
        'next_renewal_on' as measure,
        {{ day_number('next_renewal_on') }} as value
    from contracts
    union all
    select
        account_id,
        spell_starts_on as date_day,
        'customer_since_on' as measure,
        {{ day_number('spell_starts_on') }} as value
    from spells
    union all
    select
        account_id,
        date_day,
        'oldest_unpaid_due_on' as measure,
        {{ day_number('oldest_unpaid_due_on') }} as value
    from overdue

),

compared as (

    select
        *,
        lag(value) over (partition by account_id, measure order by date_day) as previous_value,
        row_number() over (partition by account_id, measure order by date_day) = 1 as is_first
    from contract_states

),

-- an item without a term never comes up for renewal: that is no date, and no empty one either
states as (

    select account_id, date_day, measure, value
    from compared
    where (is_first or value is distinct from previous_value)
        and not (is_first and measure = 'next_renewal_on' and value is null)

),

contract_events as (

    select
        account_id,
        starts_on as date_day,
        case change_type when 'renewal' then 'renewals' when 'upsell' then 'upsells' else 'downgrades' end as measure,
        -- one decision, whatever the number of items that it moved
        1 as value
    from subscription_starts
    where change_type in ('renewal', 'upsell', 'downgrade')
    group by 1, 2, 3

),

unioned as (

    select account_id, date_day, measure, value from states
    union all
    select account_id, date_day, measure, value from contract_events
    union all
    select account_id, date_day, measure, value from invoice_days

),

final as (

    {{ measure_rows('unioned') }}

)

select * from final
