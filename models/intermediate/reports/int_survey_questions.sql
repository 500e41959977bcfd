-- Grain: one row per answer that was asked for: to which question, on which scale, and what came back by the last day.
{{ config(materialized='view') }}

with

responses as (

    select * from {{ ref('stg_survey__responses') }}
    where sent_on <= {{ as_of_date() }}

),

-- what was asked of a few only may have been written to them, and hold their names; nor can it be judged
asked_widely as (

    select survey, question
    from responses
    group by 1, 2
    having count(distinct account_id) >= {{ var('group_min_accounts') }}

),

final as (

    select
        responses.account_id,
        responses.survey,
        case
            when responses.question is null then 'none'
            when asked_widely.question is null then 'asked of few'
            else responses.question
        end as question,
        responses.sent_on,
        case when responses.responded_on <= {{ as_of_date() }} then responses.score end as score,
        case responses.survey when 'nps' then 0 else 1 end as lowest_possible,
        case responses.survey when 'nps' then 10 when 'ces' then 7 else 5 end as highest_possible,
        {{ quarter_name('responses.sent_on') }} as quarter_name
    from responses
    left join asked_widely
        on responses.survey = asked_widely.survey
        and responses.question = asked_widely.question

)

select * from final
