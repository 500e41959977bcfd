-- Grain: one row per raw row of score_overrides, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('score_overrides') }}

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
            when raw_rows.created_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.created_at', 'raw_rows.updated_at'], 'raw_rows') }}
                then 'timestamp_in_future'
            when raw_rows.author is null or raw_rows.reason is null or raw_rows.expires_on is null then 'invalid_value'
            when account_keys.account_id is null then 'unknown_account'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.created_at >= account_keys.valid_from
        and raw_rows.created_at < account_keys.valid_to

),

fates as (

    {{ row_fates(
        'checked',
        key=['override_id'],
        payload=['account_id', 'scorecard', 'grade', 'author', 'reason', 'created_at', 'expires_on'],
        mutable=true,
    ) }}

)

select * from fates
