-- Grain: one row per account, name that accounts.not_recorded ever held for it, and version of the account: whether it
-- holds it. A name is that of a source, a raw table or a measure.
{{ config(materialized='view') }}

with

account_versions as (

    select
        account_id,
        valid_from_on,
        not_recorded
    from {{ ref('stg_crm__accounts') }}
    where valid_from_on < valid_to_on
        and valid_from_on <= {{ as_of_date() }}

),

measures as (

    select * from {{ ref('measures') }}

),

names as (

    select source as name from measures
    union
    select raw_table as name from measures
    union
    select measure as name from measures

),

listed as (

    select distinct
        account_versions.account_id,
        names.name
    from account_versions
    inner join names
        on {{ list_contains_item('account_versions.not_recorded', 'names.name') }}

),

final as (

    select
        listed.account_id,
        listed.name,
        account_versions.valid_from_on as changed_on,
        not coalesce({{ list_contains_item('account_versions.not_recorded', 'listed.name') }}, false) as is_recorded
    from listed
    inner join account_versions
        on listed.account_id = account_versions.account_id

)

select * from final
