-- Grain: one row per account and day on which it was a customer (days of grace included): the account-day index, the
-- denominator of everything. Every metric has exactly these rows.
{{ config(materialized='incremental', incremental_strategy='day_range') }}

with

periods as (

    select * from {{ ref('int_account_periods') }}
    where period_ends_on > {{ rebuild_from() }}

),

customer_days as (

    select
        account_id,
        {{ each_day('greatest(period_starts_on, ' ~ rebuild_from() ~ ')', add_days('period_ends_on', -1)) }}
            as date_day,
        spell_number,
        spell_starts_on,
        tenure_band,
        is_in_grace,
        segment,
        desired_outcomes,
        primary_outcome,
        products,
        mrr_usd,
        seats
    from periods

),

final as (

    select
        account_id,
        date_day,
        spell_number,
        spell_starts_on,
        cast({{ days_between('spell_starts_on', 'date_day') }} as integer) as tenure_days,
        tenure_band,
        is_in_grace,
        segment,
        desired_outcomes,
        primary_outcome,
        products,
        mrr_usd,
        seats
    from customer_days

)

select * from final
