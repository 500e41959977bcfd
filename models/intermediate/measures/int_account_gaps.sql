-- Grain: one row per account, measure, column or name that the measure hangs on, and stretch of days on which it is not
-- recorded for the account. counts_from_on is the first day with rows that are complete again, where there were others
-- before; it is empty where nothing came before.
{{ config(materialized='view') }}

with

fills as (

    select
        *,
        coalesce(
            lead(changed_on) over (partition by raw_table, column_name, account_id order by changed_on),
            {{ open_end() }}
        ) as ends_on,
        lead(case when has_rows_before then counts_from_on end) over (
            partition by raw_table, column_name, account_id order by changed_on
        ) as next_counts_from_on
    from {{ ref('int_column_fills') }}
    where account_id <> ''

),

gaps as (

    select * from fills
    where not is_filled

),

measures as (

    select * from {{ ref('measures') }}

),

-- who is listed there is judged by it alone
overruled as (

    select measure, account_id from {{ ref('instrumentation') }}

),

of_measures as (

    select
        gaps.account_id,
        measures.measure,
        gaps.raw_table,
        gaps.column_name,
        gaps.changed_on as starts_on,
        gaps.ends_on,
        gaps.next_counts_from_on as counts_from_on
    from gaps
    inner join measures
        on gaps.raw_table = measures.raw_table
        and {{ list_contains_item('measures.needs_columns', 'gaps.column_name') }}
    union all
    select
        gaps.account_id,
        measures.measure,
        gaps.raw_table,
        gaps.column_name,
        gaps.changed_on as starts_on,
        gaps.ends_on,
        cast(null as date) as counts_from_on
    from gaps
    inner join measures
        on gaps.raw_table = 'accounts'
        and gaps.column_name in (measures.source, measures.raw_table, measures.measure)

),

final as (

    select of_measures.*
    from of_measures
    left join overruled
        on of_measures.measure = overruled.measure
        and (overruled.account_id is null or of_measures.account_id = overruled.account_id)
    where overruled.measure is null

)

select * from final
