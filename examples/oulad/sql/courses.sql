-- Grain: one row per presentation; its days as dates.
-- A presentation ending in B starts on 1 February of its year, one ending in J on 1 October. It has the days
-- 0 to length - 1, so the first day that no longer belongs to it is day `length`.
select
    cast(code_module as varchar) as code_module,
    cast(code_presentation as varchar) as code_presentation,
    make_date(
        cast(left(code_presentation, 4) as integer),
        case right(code_presentation, 1) when 'B' then 2 when 'J' then 10 end,
        1
    ) as starts_on,
    starts_on + cast(module_presentation_length as integer) as ends_on
from extract_courses
