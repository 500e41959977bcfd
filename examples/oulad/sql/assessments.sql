-- Grain: one row per assessment, named by its place in the course (assignment_1, quiz_3, exam_1): the names are the
-- same in every presentation, so that the configuration needs no assessment ids.
select
    assessments.id_assessment,
    assessments.code_module,
    assessments.code_presentation,
    concat_ws(
        '_',
        case upper(assessments.assessment_type)
            when 'TMA' then 'assignment'
            when 'CMA' then 'quiz'
            when 'EXAM' then 'exam'
            else 'other_assessment'
        end,
        row_number() over (
            partition by assessments.code_module, assessments.code_presentation, assessments.assessment_type
            order by try_cast(assessments.date_due as integer) nulls last, assessments.id_assessment
        )
    ) as milestone,
    courses.starts_on as course_starts_on,
    courses.starts_on + try_cast(assessments.date_due as integer) as due_on
from extract_assessments as assessments
inner join courses
    on assessments.code_module = courses.code_module
    and assessments.code_presentation = courses.code_presentation
