-- Grain: one row per raw row of usage_events, with what became of it.
-- Rows are told apart before they are joined with anything, and no step is read twice: so a reader that asks for some
-- days only (each daily build does) makes the engine read those days only.
with

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'product'

),

users as (

    select * from {{ ref('stg_crm__users') }}

),

seen_once as (

    select
        raw_rows.*,
        cast(null as timestamp) as file_dated_at,
        0 as dates_known,
        null as row_fingerprint,
        raw_rows.loaded_at as load_ordered_at,
        cast(null as {{ dbt.type_bigint() }}) as load_number,
        1 as version_order,
        false as is_unusable,
        false as is_conflict,
        false as is_copy
    from ({{ raw_rows('usage_events') }}) as raw_rows
    left join {{ ref('base_product__repeated_events') }} as repeated_events
        on raw_rows.event_id = repeated_events.event_id
    where repeated_events.event_id is null

),

seen_often as (

    select raw_rows.*
    from ({{ raw_rows('usage_events') }}) as raw_rows
    inner join {{ ref('base_product__repeated_events') }} as repeated_events
        on raw_rows.event_id = repeated_events.event_id

),

ordered_often as (

    {{ order_versions(
        'seen_often',
        key=['event_id'],
        payload=['account_id', 'user_id', 'event_name', 'occurred_at', 'quantity'],
        mutable=false,
    ) }}

),

marked_often as (

    {{ mark_copies(
        'ordered_often',
        key=['event_id'],
        mutable=false,
        is_unusable=is_in_future(['ordered_often.occurred_at'], 'ordered_often'),
    ) }}

),

raw_rows as (

    select * from seen_once
    union all
    select * from marked_often

),

checked as (

    select
        raw_rows.*,
        coalesce(account_keys.account_id, users.account_id) as resolved_account_id,
        case
            when raw_rows.occurred_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.occurred_at'], 'raw_rows') }} then 'timestamp_in_future'
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

fates as (

    {{ decide_fates(
        'checked',
        key=['event_id'],
        payload=['account_id', 'user_id', 'event_name', 'occurred_at', 'quantity'],
        mutable=false,
    ) }}

)

select * from fates
