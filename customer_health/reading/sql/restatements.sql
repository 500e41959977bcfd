select
    publication_id,
    max(restated_at) as restated_at,
    max(reason) as reason,
    count(*) as scores,
    count(distinct account_id) as accounts,
    min(date_day) as first_day,
    max(date_day) as last_day,
    avg(abs(restated_health_score - published_health_score)) as mean_change,
    count(*) filter (restated_grade is distinct from published_grade) as grades
from quality.fct_score_restatements
group by publication_id
order by restated_at desc, publication_id
