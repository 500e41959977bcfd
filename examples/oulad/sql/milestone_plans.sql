-- Grain: one row per registration and assessment with a due date that was still ahead when the student registered.
select
    registrations.account_id,
    assessments.milestone,
    assessments.due_on,
    cast(registrations.registered_on as timestamp) as updated_at
from registrations
inner join assessments
    on registrations.code_module = assessments.code_module
    and registrations.code_presentation = assessments.code_presentation
where assessments.due_on is not null
    -- nobody agrees to a day that has passed; a registration without a date passes on to staging as it is
    and coalesce(assessments.due_on >= registrations.registered_on, true)
order by registrations.account_id, assessments.milestone
