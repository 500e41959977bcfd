-- Grain: one row per survey and question: whether it is answered, by whom not, and whether its answers say anything.
{% set silence_days = 180 %}
{% set quarter_answers = 10 %}

with

questions as (

    select * from {{ ref('int_survey_questions') }}

),

silence as (

    select
        survey,
        question,
        cast(count(*) as double) as accounts_asked,
        cast(sum(case when answers = 0 then 1 else 0 end) as double) as accounts_silent
    from (
        select survey, question, account_id, count(score) as answers
        from questions
        where sent_on > {{ add_days(as_of_date(), -silence_days) }}
        group by 1, 2, 3
    ) as asked
    group by 1, 2

),

value_counts as (

    select survey, question, max(answers) as most_frequent, count(*) as values_used
    from (
        select survey, question, score, count(*) as answers
        from questions
        where score is not null
        group by 1, 2, 3
    ) as counted
    group by 1, 2

),

quarters as (

    select survey, question, max(average_score) - min(average_score) as quarterly_range, count(*) as quarters
    from (
        select survey, question, quarter_name, avg(score) as average_score
        from questions
        where score is not null
        group by 1, 2, 3
        having count(*) >= {{ quarter_answers }}
    ) as averages
    group by 1, 2

),

sums as (

    select
        survey,
        question,
        cast(count(*) as double) as surveys_sent,
        cast(count(score) as double) as answers,
        avg(score) as average_score,
        stddev_samp(score) as score_deviation,
        max(highest_possible - lowest_possible) as scale_width
    from questions
    group by 1, 2

),

final as (

    select
        sums.survey,
        sums.question,
        cast(sums.surveys_sent as integer) as surveys_sent,
        cast(sums.answers as integer) as answers,
        sums.answers / nullif(sums.surveys_sent, 0) as response_rate,
        cast(coalesce(silence.accounts_asked, 0) as integer) as accounts_asked,
        silence.accounts_silent / nullif(silence.accounts_asked, 0) as silent_share,
        sums.average_score,
        sums.score_deviation,
        coalesce(value_counts.values_used, 0) / nullif(sums.scale_width + 1e0, 0) as scale_used_share,
        value_counts.most_frequent / nullif(sums.answers, 0) as most_frequent_share,
        cast(coalesce(quarters.quarters, 0) as integer) as quarters,
        quarters.quarterly_range,
        case
            when sums.answers < {{ quarter_answers }} then 'too few answers to tell'
            when value_counts.most_frequent >= 0.8e0 * sums.answers then 'nearly everybody answers the same'
            when quarters.quarters >= 4 and quarters.quarterly_range < 0.03e0 * sums.scale_width then 'never moves'
            when sums.answers < 0.1e0 * sums.surveys_sent then 'hardly anybody answers'
            else 'in use'
        end as verdict
    from sums
    left join silence
        on sums.survey = silence.survey
        and sums.question = silence.question
    left join value_counts
        on sums.survey = value_counts.survey
        and sums.question = value_counts.question
    left join quarters
        on sums.survey = quarters.survey
        and sums.question = quarters.question

)

select * from final
