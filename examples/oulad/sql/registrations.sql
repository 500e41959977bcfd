-- Grain: one row per registration. final_result is not read: it is known only at the end.
select
    concat_ws('_', registrations.code_module, registrations.code_presentation, registrations.id_student)
        as account_id,
    registrations.code_module,
    registrations.code_presentation,
    cast(registrations.id_student as varchar) as id_student,
    registrations.region,
    cast(registrations.num_of_prev_attempts as integer) as num_of_prev_attempts,
    cast(registrations.studied_credits as decimal(18, 4)) as studied_credits,
    courses.starts_on as course_starts_on,
    courses.ends_on as course_ends_on,
    courses.starts_on + cast(registrations.date_registration as integer) as registered_on,
    courses.starts_on + cast(registrations.date_unregistration as integer) as withdrawn_on
from extract_registrations as registrations
inner join courses
    on registrations.code_module = courses.code_module
    and registrations.code_presentation = courses.code_presentation
