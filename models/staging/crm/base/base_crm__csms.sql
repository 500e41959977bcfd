-- Grain: one row per raw row of csms, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('csms') }}

),

checked as (

    select
        *,
        case when {{ is_in_future(['updated_at'], 'raw_rows') }} then 'timestamp_in_future' end as defect
    from raw_rows

),

fates as (

    {{ row_fates('checked', key=['csm_id'], payload=['name', 'team', 'weekly_hours'], mutable=true) }}

)

select * from fates
