-- Grain: one row per raw row of support_tickets, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('support_tickets') }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'support'

),

users as (

    select * from {{ ref('stg_crm__users') }}

),

checked as (

    select
        raw_rows.*,
        coalesce(account_keys.account_id, users.account_id) as resolved_account_id,
        case
            when raw_rows.opened_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.opened_at', 'raw_rows.updated_at', 'raw_rows.solved_at'], 'raw_rows') }}
                then 'timestamp_in_future'
            when raw_rows.solved_at < raw_rows.opened_at then 'end_before_start'
            when raw_rows.account_id is not null and account_keys.account_id is null then 'unknown_account'
            when raw_rows.account_id is null and users.account_id is null then 'unknown_user'
            when raw_rows.csat not between 1 and 5 then 'score_out_of_range'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.opened_at >= account_keys.valid_from
        and raw_rows.opened_at < account_keys.valid_to
    left join users
        on raw_rows.account_id is null
        and raw_rows.user_id = users.user_id
        and raw_rows.opened_at < users.valid_to
        -- what a user did before the first version of their row still belongs to that account
        and (raw_rows.opened_at >= users.valid_from or users.version_number = 1)

),

fates as (

    {{ row_fates(
        'checked',
        key=['ticket_id'],
        payload=['account_id', 'user_id', 'channel', 'priority', 'category', 'opened_at', 'first_response_at',
            'solved_at', 'reopened_count', 'csat', 'csat_at'],
        mutable=true,
        dated=['first_response_at', 'solved_at', 'csat_at'],
    ) }}

)

select * from fates
