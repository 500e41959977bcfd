-- Grain: one row per name that measures may need, account (empty: all) and day on which it begins, or ceases, to be
-- filled. A name is a column; or a measure that a mapping feeds, filled by its first event; or what the CRM says is not
-- recorded for an account. Of a column an account has rows of its own where it differs: its rows do not fill it
-- although others' do.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='changed_on') }}

with

column_days as (

    select * from {{ ref('int_column_days') }}

),

first_fills as (

    select
        raw_table,
        column_name,
        min(first_row_on) as first_row_on,
        min(filled_on) as filled_on
    from column_days
    group by 1, 2
    having min(filled_on) is not null

),

for_all as (

    select
        first_fills.raw_table,
        first_fills.column_name,
        first_fills.filled_on,
        min(column_days.counts_from_on) as counts_from_on,
        {{ began_before('min(first_fills.first_row_on)', 'min(column_days.counts_from_on)') }} as has_rows_before
    from first_fills
    inner join column_days
        on first_fills.raw_table = column_days.raw_table
        and first_fills.column_name = column_days.column_name
        and first_fills.filled_on = column_days.filled_on
    group by 1, 2, 3

),

of_accounts as (

    select
        column_days.raw_table,
        column_days.column_name,
        column_days.account_id,
        greatest(column_days.first_row_on, for_all.filled_on) as missed_from_on,
        column_days.filled_on,
        column_days.counts_from_on,
        {{ began_before('column_days.first_row_on', 'column_days.counts_from_on') }} as has_rows_before
    from column_days
    inner join for_all
        on column_days.raw_table = for_all.raw_table
        and column_days.column_name = for_all.column_name
    where column_days.is_of_each_account
        and greatest(column_days.first_row_on, for_all.filled_on) < coalesce(column_days.filled_on, {{ open_end() }})

),

fed as (

    select told as measure, first_on from {{ ref('int_product__first_days') }}
    where account_id = ''
    union all
    select measure, min(date_day) as first_on from {{ ref('int_crm__measures') }}
    where measure in (select measure from {{ ref('engagement_measures') }})
    group by 1

),

final as (

    select
        raw_table,
        column_name,
        '' as account_id,
        filled_on as changed_on,
        true as is_filled,
        counts_from_on,
        has_rows_before
    from for_all
    union all
    select
        raw_table,
        column_name,
        account_id,
        missed_from_on as changed_on,
        false as is_filled,
        cast(null as date) as counts_from_on,
        false as has_rows_before
    from of_accounts
    union all
    select
        raw_table,
        column_name,
        account_id,
        filled_on as changed_on,
        true as is_filled,
        counts_from_on,
        has_rows_before
    from of_accounts
    where filled_on is not null
    union all
    select
        'measures' as raw_table,
        measure as column_name,
        '' as account_id,
        first_on as changed_on,
        true as is_filled,
        first_on as counts_from_on,
        false as has_rows_before
    from fed
    union all
    select
        'accounts' as raw_table,
        name as column_name,
        account_id,
        changed_on,
        is_recorded as is_filled,
        cast(null as date) as counts_from_on,
        false as has_rows_before
    from {{ ref('int_not_recorded') }}

)

select * from final
