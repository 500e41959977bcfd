-- Grain: one row per row of student_vle (student, site and day).
with

sites as (

    select code_module, code_presentation, id_site, min(activity_type) as activity_type
    from extract_vle
    group by all

),

clicks as (

    select
        concat_ws('_', code_module, code_presentation, id_student) as account_id,
        row_number() over (
            partition by code_module, code_presentation, id_student, id_site, date
            order by sum_click
        ) as copy,
        *
    from extract_student_vle

)

select
    concat_ws(':', 'click', clicks.account_id, clicks.id_site, clicks.date)
    || if(clicks.copy > 1, ':' || clicks.copy, '') as event_id,
    clicks.account_id,
    cast(null as varchar) as user_id,
    coalesce(sites.activity_type, 'unlisted_site') as event_name,
    -- the data knows the day only: noon keeps the event on its day in every time zone of the university
    courses.starts_on + cast(clicks.date as integer) + interval 12 hours as occurred_at,
    cast(clicks.sum_click as double) as quantity
from clicks
left join sites
    on clicks.code_module = sites.code_module
    and clicks.code_presentation = sites.code_presentation
    and clicks.id_site = sites.id_site
left join courses
    on clicks.code_module = courses.code_module
    and clicks.code_presentation = courses.code_presentation
order by occurred_at, event_id
