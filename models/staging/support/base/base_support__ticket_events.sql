-- Grain: one row per raw row of ticket_events, with what became of it.
{{ config(materialized='table') }}

with

raw_rows as (

    {{ raw_rows('ticket_events', words=['status']) }}

),

tickets as (

    select
        ticket_id,
        account_id
    from {{ ref('stg_support__tickets') }}
    where version_number = 1

),

checked as (

    select
        raw_rows.*,
        tickets.account_id as resolved_account_id,
        case
            when {{ is_in_future(['raw_rows.changed_at'], 'raw_rows') }} then 'timestamp_in_future'
            when tickets.ticket_id is null then 'unknown_ticket'
        end as defect
    from raw_rows
    left join tickets
        on raw_rows.ticket_id = tickets.ticket_id

),

fates as (

    {{ row_fates('checked', key=['ticket_id', 'changed_at'], payload=['status', 'priority'], mutable=false) }}

)

select * from fates
