-- Grain: one row per raw row of accounts, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('accounts') }}

),

checked as (

    select
        *,
        case when {{ is_in_future(['created_at', 'updated_at'], 'raw_rows') }} then 'timestamp_in_future' end as defect
    from raw_rows

),

fates as (

    {{ row_fates(
        'checked',
        key=['account_id'],
        payload=['name', 'parent_account_id', 'segment', 'industry', 'region', 'currency', 'created_at', 'csm_id',
            'contracted_products', 'not_recorded'],
        mutable=true,
    ) }}

)

select * from fates
