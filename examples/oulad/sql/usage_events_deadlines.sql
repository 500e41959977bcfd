-- Grain: one row per registration and assessment that fell due while the registration ran.
-- Without these rows "nothing handed in" and "nothing was due yet" would be the same zero.
with

banked as (

    select assessments.milestone, assessments.code_module, assessments.code_presentation, submissions.id_student
    from extract_assessment_submissions as submissions
    inner join assessments
        on submissions.id_assessment = assessments.id_assessment
    where cast(submissions.is_banked as boolean)

)

select
    concat_ws(':', 'due', assessments.id_assessment, registrations.id_student) as event_id,
    registrations.account_id,
    cast(null as varchar) as user_id,
    regexp_replace(assessments.milestone, '_[0-9]+$', '') || '_due' as event_name,
    assessments.due_on + interval 12 hours as occurred_at,
    cast(1 as double) as quantity
from registrations
inner join assessments
    on registrations.code_module = assessments.code_module
    and registrations.code_presentation = assessments.code_presentation
    and registrations.registered_on <= assessments.due_on
    and assessments.due_on < least(registrations.withdrawn_on, registrations.course_ends_on)
-- what was carried over from an earlier attempt is not asked for again
anti join banked
    on assessments.milestone = banked.milestone
    and registrations.code_module = banked.code_module
    and registrations.code_presentation = banked.code_presentation
    and registrations.id_student = cast(banked.id_student as varchar)
order by occurred_at, event_id
