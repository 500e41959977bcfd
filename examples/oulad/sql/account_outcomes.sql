-- Grain: one row per registration: whoever registers wants to complete the course.
select
    account_id,
    'complete_course' as desired_outcome,
    registered_on as declared_on,
    true as is_primary,
    cast(null as date) as ended_on,
    cast(null as date) as interview_on,
    cast(null as varchar) as interview_note,
    cast(registered_on as timestamp) as updated_at
from registrations
order by account_id
