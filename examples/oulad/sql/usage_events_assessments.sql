-- Grain: one row per submission (submitted or banked), and one more per submission with a score of its own.
with

submissions as (

    select
        -- a submission to an assessment that the extract does not list belongs to no account that could be named
        if(
            assessments.milestone is null,
            null,
            concat_ws('_', assessments.code_module, assessments.code_presentation, submissions.id_student)
        ) as account_id,
        coalesce(assessments.milestone, 'unlisted_assessment') as milestone,
        concat_ws(':', submissions.id_assessment, submissions.id_student)
        || if(submissions.copy > 1, ':' || submissions.copy, '') as submission_id,
        coalesce(cast(submissions.is_banked as boolean), false) as is_banked,
        -- what was carried over counts from the registration on: nobody is late for what they brought along
        greatest(
            assessments.course_starts_on + cast(submissions.date_submitted as integer),
            if(cast(submissions.is_banked as boolean), registrations.registered_on, null)
        ) + interval 12 hours as occurred_at,
        try_cast(submissions.score as double) as score
    from (
        select
            *,
            row_number() over (partition by id_assessment, id_student order by date_submitted, score) as copy
        from extract_assessment_submissions
    ) as submissions
    left join assessments
        on submissions.id_assessment = assessments.id_assessment
    left join registrations
        on assessments.code_module = registrations.code_module
        and assessments.code_presentation = registrations.code_presentation
        and cast(submissions.id_student as varchar) = registrations.id_student

),

handed_in as (

    select
        'submission:' || submission_id as event_id,
        account_id,
        milestone || if(is_banked, '_banked', '_submitted') as event_name,
        occurred_at,
        cast(1 as double) as quantity
    from submissions

),

scored as (

    -- a banked score was earned in an earlier attempt and says nothing about this one
    select
        'score:' || submission_id as event_id,
        account_id,
        'assessment_score' as event_name,
        occurred_at,
        score as quantity
    from submissions
    where score is not null
        and not is_banked

),

events as (

    select * from handed_in
    union all
    select * from scored

)

select
    event_id,
    account_id,
    cast(null as varchar) as user_id,
    event_name,
    occurred_at,
    quantity
from events
order by occurred_at, event_id
