-- Grain: one row per raw row of account_identifiers, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('account_identifiers', words=['source']) }}

),

accounts as (

    select distinct account_id from {{ ref('stg_crm__accounts') }}

),

checked as (

    select
        raw_rows.*,
        -- one external id may mean another account later: its first day belongs to the key
        coalesce(raw_rows.valid_from, {{ first_version_on() }}) as begins_on,
        case when accounts.account_id is null then 'unknown_account' end as defect
    from raw_rows
    left join accounts
        on raw_rows.account_id = accounts.account_id

),

fates as (

    {{ row_fates(
        'checked',
        key=['source', 'external_id', 'begins_on'],
        payload=['account_id', 'valid_from'],
        mutable=false,
    ) }}

)

select * from fates
