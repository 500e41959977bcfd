-- Grain: one row per raw row of csm_pulses, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('csm_pulses') }}

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
            when raw_rows.recorded_at is null then 'missing_timestamp'
            when {{ is_in_future(['raw_rows.recorded_at'], 'raw_rows') }} then 'timestamp_in_future'
            when account_keys.account_id is null then 'unknown_account'
            when raw_rows.pulse is null or raw_rows.pulse not between 1 and 5 then 'score_out_of_range'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and raw_rows.recorded_at >= account_keys.valid_from
        and raw_rows.recorded_at < account_keys.valid_to

),

fates as (

    {{ row_fates(
        'checked',
        key=['pulse_id'],
        payload=['account_id', 'csm_id', 'role', 'pulse', 'note', 'recorded_at'],
        mutable=false,
    ) }}

)

select * from fates
