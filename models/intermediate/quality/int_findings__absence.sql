-- Grain: one row per finding about what is missing although rows are there: columns that nobody fills, or not
-- everybody, and facts on days on which their account was no customer.
{{ config(materialized='view') }}

with

measures as (

    select * from {{ ref('measures') }}

),

instrumentation as (

    select * from {{ ref('int_measure_instrumentation') }}
    where missing_columns is not null

),

column_days as (

    select distinct
        raw_table,
        column_name
    from {{ ref('int_column_days') }}

),

customers as (

    select account_id from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

account_gaps as (

    select * from {{ ref('int_account_gaps') }}
    where raw_table <> 'accounts'
        and starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

-- of a table without rows there is a finding already
never_filled as (

    select
        column_days.raw_table,
        column_days.column_name,
        {{ sorted_list('measures.measure') }} as measures
    from column_days
    inner join measures
        on column_days.raw_table = measures.raw_table
    inner join instrumentation
        on measures.measure = instrumentation.measure
        and {{ list_contains_item('instrumentation.missing_columns', 'column_days.column_name') }}
    group by 1, 2

),

unfilled_for_accounts as (

    select
        account_gaps.raw_table,
        account_gaps.column_name,
        count(distinct account_gaps.account_id) as accounts,
        {{ sorted_list('account_gaps.measure') }} as measures
    from account_gaps
    inner join customers
        on account_gaps.account_id = customers.account_id
    group by 1, 2

),

outside as (

    select
        raw_table,
        sum(outside_rows) as outside_rows,
        max(fact_rows) as fact_rows,
        {{ sorted_list(
            "cast(outside_rows as " ~ dbt.type_string() ~ ") || ' ' || replace(reason, '_', ' ')"
        ) }} as reasons,
        max(last_on) as last_on
    from {{ ref('int_facts_outside') }}
    group by 1

),

final as (

    select
        'column_never_filled' as finding,
        raw_table || '.' || column_name as entity,
        'no row of ' || raw_table || ' has a value in ' || column_name || ', so there is no '
        || replace(measures, ';', ', ') as detail,
        {{ as_of_date() }} as found_on
    from never_filled
    union all
    select
        'column_unfilled_for_accounts' as finding,
        raw_table || '.' || column_name as entity,
        {{ counted('accounts', 'account') }} || ' with rows in ' || raw_table || ' and no value in ' || column_name
        || ', so without ' || replace(measures, ';', ', ') as detail,
        {{ as_of_date() }} as found_on
    from unfilled_for_accounts
    union all
    select
        'facts_outside_customer_days' as finding,
        raw_table as entity,
        {{ counted('outside_rows', 'row') }} || ' of ' || {{ number_in_words('fact_rows') }}
        || ' lie on days on which their account was no customer: ' || replace(reasons, ';', ', ') as detail,
        last_on as found_on
    from outside
    where outside_rows > cast({{ var('outside_facts_share') }} as double) * fact_rows

)

select * from final
