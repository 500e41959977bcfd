-- Grain: one row per account, day and product measure.
-- A new event measure is a row in product_event_measures.csv; only distinct counts have SQL of their own.
{{ config(
    materialized='incremental',
    incremental_strategy='first_difference',
    day_column='date_day',
    layer='product',
) }}

with

event_days as {{ read_each_time() }} (

    -- a window of 28 days before the first rebuilt day tells who was active when it began
    select * from {{ ref('int_product__event_days') }}
    where date_day >= {{ add_days(rebuild_from('product'), -28) }}

),

event_measures as (

    select * from {{ ref('product_event_measures') }}

),

customer_starts as (

    -- what moves this day is logged by int_account_changes, so that the rebuilt days reach back to it
    select
        account_id,
        min(changed_on) as date_day
    from {{ ref('int_account_changes') }}
    where spell_number is not null
    group by 1

),

tracked_features as (

    select count(distinct event_name) as value from event_measures

),

user_days as (

    select distinct account_id, user_id as entity, date_day
    from event_days
    where user_id <> ''

),

feature_days as (

    select distinct event_days.account_id, event_days.event_name as entity, event_days.date_day
    from event_days
    inner join (select distinct event_name from event_measures) as mapped
        on event_days.event_name = mapped.event_name

),

counted as (

    select
        event_days.account_id,
        event_days.date_day,
        event_measures.measure,
        sum(case
            when event_measures.value_from = 'quantity' then event_days.quantity
            else event_days.events
        end) as value
    from event_days
    inner join event_measures
        on event_days.event_name = event_measures.event_name
    group by 1, 2, 3

),

active_users as (

    {{ rolling_distinct('user_days', 28) }}

),

features_used as (

    {{ rolling_distinct('feature_days', 28) }}

),

states as (

    select account_id, date_day, 'active_users_28d' as measure, value from active_users
    union all
    select account_id, date_day, 'features_used_28d' as measure, value from features_used

),

-- a customer that never used the product has zero active users, not an unknown number of them
first_states as (

    select
        customer_starts.account_id,
        customer_starts.date_day,
        measures.measure,
        0 as value
    from customer_starts
    cross join (
        select 'active_users_28d' as measure
        union all
        select 'features_used_28d' as measure
    ) as measures
    where not exists (
            select 1 from event_days
            where event_days.account_id = customer_starts.account_id
                and event_days.date_day <= customer_starts.date_day
                and event_days.date_day > {{ add_days('customer_starts.date_day', -28) }}
        )

),

offered as (

    select
        customer_starts.account_id,
        customer_starts.date_day,
        'features_tracked' as measure,
        tracked_features.value
    from customer_starts
    cross join tracked_features

),

unioned as (

    select * from counted
    union all
    select * from states
    union all
    select * from first_states
    union all
    select * from offered

),

final as (

    {{ measure_rows('unioned', rebuild_from('product')) }}

)

select * from final
