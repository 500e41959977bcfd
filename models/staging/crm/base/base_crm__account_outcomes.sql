-- Grain: one row per raw row of account_outcomes, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('account_outcomes') }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'crm'

),

desired_outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

checked as (

    select
        raw_rows.*,
        account_keys.account_id as resolved_account_id,
        case
            when {{ is_in_future(['raw_rows.updated_at', 'cast(raw_rows.declared_on as timestamp)'], 'raw_rows') }}
                then 'timestamp_in_future'
            when raw_rows.ended_on < raw_rows.declared_on then 'end_before_start'
            when account_keys.account_id is null then 'unknown_account'
            when desired_outcomes.desired_outcome is null then 'unknown_outcome'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and cast(raw_rows.declared_on as timestamp) >= account_keys.valid_from
        and cast(raw_rows.declared_on as timestamp) < account_keys.valid_to
    left join desired_outcomes
        on raw_rows.desired_outcome = desired_outcomes.desired_outcome

),

fates as (

    {{ row_fates(
        'checked',
        key=['account_id', 'desired_outcome', 'declared_on'],
        payload=['is_primary', 'ended_on', 'interview_on', 'interview_note'],
        mutable=true,
        dated=['ended_on'],
    ) }}

)

select * from fates
