with said as (
    select
        account_id,
        max(case when metric = 'pulse_latest' and points is not null then value end) as pulse,
        max(case when metric = 'nps_score_180d' and points is not null then value end) as nps,
        max(case when metric = 'reference_calls_365d' then value end) as reference_calls,
        max(case when metric = 'case_studies_365d' then value end) as case_studies
    from health.fct_metric_points
    where date_day = $day
        and metric in ('pulse_latest', 'nps_score_180d', 'reference_calls_365d', 'case_studies_365d')
    group by account_id
)

select
    current.account_id, current.account_name, current.scorecard, current.shown_grade, current.health_score,
    current.mrr_usd, current.csm_name, said.pulse, said.nps, said.reference_calls, said.case_studies
from health.rpt_account_health_current as current
left join said on current.account_id = said.account_id
where current.is_primary
    and current.shown_grade = (
        select arg_max(grade, min_score) from health.dim_grades
        where is_in_force
    )
    and ($csm is null or current.csm_id = $csm)
    and coalesce(said.pulse, 5) >= 3
    and coalesce(said.nps, 10) >= 7
order by current.health_score desc, current.account_id
