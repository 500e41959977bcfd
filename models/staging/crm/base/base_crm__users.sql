-- Grain: one row per raw row of users, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('users') }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'crm'

),

checked as (

    select
        raw_rows.*,
        account_keys.account_id as resolved_account_id,
        case
            when {{ is_in_future(['raw_rows.created_at', 'raw_rows.updated_at'], 'raw_rows') }}
                then 'timestamp_in_future'
            when account_keys.account_id is null then 'unknown_account'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and coalesce(raw_rows.created_at, raw_rows.updated_at, raw_rows.loaded_at) >= account_keys.valid_from
        and coalesce(raw_rows.created_at, raw_rows.updated_at, raw_rows.loaded_at) < account_keys.valid_to

),

fates as (

    {{ row_fates(
        'checked',
        key=['user_id'],
        payload=['account_id', 'role', 'is_champion', 'created_at', 'deactivated_at'],
        mutable=true,
        dated=['deactivated_at'],
    ) }}

)

select * from fates
