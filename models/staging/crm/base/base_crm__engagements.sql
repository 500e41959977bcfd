-- Grain: one row per raw row of engagements, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('engagements', words=['status']) }}

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
            when raw_rows.occurred_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.updated_at'], 'raw_rows') }} then 'timestamp_in_future'
            when account_keys.account_id is null then 'unknown_account'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.occurred_at >= account_keys.valid_from
        and raw_rows.occurred_at < account_keys.valid_to

),

fates as (

    {{ row_fates(
        'checked',
        key=['engagement_id'],
        payload=['account_id', 'csm_id', 'kind', 'desired_outcome', 'status', 'occurred_at', 'closed_on',
            'disposition', 'disposition_on', 'note'],
        mutable=true,
        dated=['closed_on', 'disposition_on'],
    ) }}

)

select * from fates
