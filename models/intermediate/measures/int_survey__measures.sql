-- Grain: one row per account, day and survey measure.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

surveys as (

    select
        *,
        case survey when 'csat' then 'survey_csat' else survey end as measure_prefix
    from {{ ref('stg_survey__responses') }}

),

comments as (

    select
        surveys.account_id,
        surveys.responded_on as date_day,
        sentiments.polarity
    from {{ ref('stg_survey__comment_sentiments') }} as sentiments
    inner join surveys
        on sentiments.response_id = surveys.response_id

),

sent as (

    select account_id, sent_on as date_day, 'surveys_sent' as measure, count(*) as value
    from surveys
    group by 1, 2

),

answered as (

    select account_id, responded_on as date_day, 'survey_responses' as measure, count(*) as value
    from surveys
    where responded_on is not null
    group by 1, 2

),

scored as (

    select account_id, responded_on as date_day, measure_prefix || '_responses' as measure, count(*) as value
    from surveys
    where responded_on is not null
        and score is not null
    group by 1, 2, 3
    union all
    select account_id, responded_on as date_day, measure_prefix || '_score_sum' as measure, sum(score) as value
    from surveys
    where responded_on is not null
        and score is not null
    group by 1, 2, 3

),

commented as (

    select account_id, date_day, 'comments_read' as measure, count(*) as value
    from comments
    where polarity is not null
    group by 1, 2
    union all
    -- nothing of a day could be read: no number, and not no comment either
    select account_id, date_day, 'comment_polarity_sum' as measure, sum(polarity) as value
    from comments
    group by 1, 2

),

unioned as (

    select * from sent
    union all
    select * from answered
    union all
    select * from scored
    union all
    select * from commented

),

final as (

    {{ measure_rows('unioned') }}

)

select * from final
