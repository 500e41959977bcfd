-- Grain: one row per account, day and support measure.
-- Tickets change: each fact is read from the version that was valid on its day.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

tickets as (

    select
        *,
        lag(csat_score) over (partition by ticket_id order by version_number) as previous_csat_score
    from {{ ref('stg_support__tickets') }}

),

reopenings as (

    select * from {{ ref('int_support__reopenings') }}

),

response_targets as (

    select * from {{ ref('response_targets') }}

),

opened as (

    select account_id, opened_on as date_day, 'tickets_opened' as measure, count(*) as value
    from tickets
    where version_number = 1
    group by 1, 2
    union all
    select account_id, opened_on as date_day, 'urgent_tickets_opened' as measure, count(*) as value
    from tickets
    where version_number = 1
        and priority = 'urgent'
    group by 1, 2

),

deadlines as (

    select
        tickets.*,
        {{ add_hours('tickets.opened_at', 'response_targets.first_response_hours') }} as respond_by_at
    from tickets
    inner join response_targets
        on tickets.priority = response_targets.priority

),

breached as (

    select
        account_id,
        {{ to_reporting_date('respond_by_at') }} as date_day,
        'first_response_breaches' as measure,
        count(*) as value
    from deadlines
    where {{ to_reporting_date('respond_by_at') }} >= valid_from_on
        and {{ to_reporting_date('respond_by_at') }} < valid_to_on
        and (first_response_at is null or first_response_at > respond_by_at)
    group by 1, 2

),

rated as (

    select
        account_id,
        greatest(csat_on, valid_from_on) as date_day,
        count(*) as responses,
        sum(csat_score) as score_sum
    from tickets
    where csat_score is not null
        and csat_on is not null
        and previous_csat_score is null
    group by 1, 2

),

reopened as (

    select account_id, date_day, 'tickets_reopened' as measure, sum(reopenings) as value
    from reopenings
    group by 1, 2

),

unioned as (

    select * from opened
    union all
    select * from breached
    union all
    select account_id, date_day, 'csat_responses' as measure, responses as value from rated
    union all
    select account_id, date_day, 'csat_score_sum' as measure, score_sum as value from rated
    union all
    select * from reopened

),

final as (

    {{ measure_rows('unioned') }}

)

select * from final
