-- Grain: one row per raw row of usage_events, with what became of it.
with

raw_rows as (

    {{ raw_rows('usage_events') }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'product'

),

users as (

    select * from {{ ref('stg_crm__users') }}

),

repeated_events as (

    select * from {{ ref('base_product__repeated_events') }}

),

checked as (

    select
        raw_rows.*,
        coalesce(account_keys.account_id, users.account_id) as resolved_account_id,
        case
            when raw_rows.occurred_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.occurred_at']) }} then 'timestamp_in_future'
            when raw_rows.account_id is not null and account_keys.account_id is null then 'unknown_account'
            when raw_rows.account_id is null and users.account_id is null then 'unknown_user'
            when raw_rows.event_name is null then 'invalid_value'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.occurred_at >= account_keys.valid_from
        and raw_rows.occurred_at < account_keys.valid_to
    left join users
        on raw_rows.account_id is null
        and raw_rows.user_id = users.user_id
        and raw_rows.occurred_at < users.valid_to
        -- what a user did before the first version of their row still belongs to that account
        and (raw_rows.occurred_at >= users.valid_from or users.version_number = 1)

),

seen_once as (

    select
        checked.*,
        false as is_copy,
        false as is_conflict
    from checked
    left join repeated_events
        on checked.event_id = repeated_events.event_id
    where repeated_events.event_id is null

),

seen_often as (

    select checked.*
    from checked
    inner join repeated_events
        on checked.event_id = repeated_events.event_id

),

marked as (

    select * from seen_once
    union all
    {{ mark_copies(
        'seen_often',
        key=['event_id'],
        payload=['account_id', 'user_id', 'event_name', 'occurred_at', 'quantity'],
        mutable=false,
    ) }}

),

fates as (

    {{ decide_fates(
        'marked',
        key=['event_id'],
        payload=['account_id', 'user_id', 'event_name', 'occurred_at', 'quantity'],
        mutable=false,
    ) }}

)

select * from fates
