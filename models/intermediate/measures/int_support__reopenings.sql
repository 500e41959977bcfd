-- Grain: one row per ticket and day on which it is known to have been opened again, with how often on that day.
-- Some systems export each change of status, others a count that rises, some both: what both have told so far is the
-- larger of the two, never their sum. A count that stands beside the day of a solution is known from that day.
{{ config(materialized='view') }}

with

tellings as (

    select ticket_id, account_id, changed_on as date_day, 1 as reopened_events, 0 as reopened_count
    from {{ ref('stg_support__ticket_events') }}
    where status = 'reopened'
    union all
    select
        ticket_id,
        account_id,
        greatest(valid_from_on, coalesce({{ to_reporting_date('solved_at') }}, valid_from_on)) as date_day,
        0 as reopened_events,
        reopened_count
    from {{ ref('stg_support__tickets') }}
    where reopened_count > 0

),

ticket_days as (

    select
        ticket_id,
        date_day,
        min(account_id) as account_id,
        sum(reopened_events) as reopened_events,
        max(reopened_count) as reopened_count
    from tellings
    group by 1, 2

),

so_far as (

    select
        ticket_id,
        date_day,
        account_id,
        greatest(sum(reopened_events) over known, max(reopened_count) over known) as reopened
    from ticket_days
    window known as (
        partition by ticket_id order by date_day nulls last rows between unbounded preceding and current row
    )

),

risen as (

    select
        ticket_id,
        date_day,
        account_id,
        reopened - coalesce(lag(reopened) over (partition by ticket_id order by date_day nulls last), 0) as reopenings
    from so_far

),

final as (

    select * from risen
    where reopenings > 0

)

select * from final
