-- Grain: one row per grade that some account has on the last day, before or after, and one for those without a score.
with

stacked as (

    select
        coalesce(grade_before, 'none') as grade,
        1 as before,
        0 as after,
        mrr_usd
    from headlines
    union all
    select
        coalesce(grade_after, 'none') as grade,
        0 as before,
        1 as after,
        mrr_usd
    from headlines

)

select
    grade,
    sum(before) as accounts_before,
    sum(after) as accounts_after,
    sum(before * mrr_usd) as mrr_before_usd,
    sum(after * mrr_usd) as mrr_after_usd
from stacked
group by grade
order by grade = 'none', grade
