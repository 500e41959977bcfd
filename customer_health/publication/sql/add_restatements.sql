insert into {published}.{restatements} by name
with shown as (
    select {shown} from {previous}.{scores}
    where {days}
),

computed as (
    select {shown} from {database}.{scores}
    where {days}
)

select
    cast($1 as varchar) as publication_id, cast($2 as timestamp) as restated_at,
    cast($3 as varchar) as previous_publication_id,
    account_id, date_day, scorecard,
    shown.health_score as published_health_score, shown.grade as published_grade,
    shown.score_status as published_score_status,
    computed.health_score as restated_health_score, computed.grade as restated_grade,
    computed.score_status as restated_score_status,
    cast($4 as varchar) as reason
from shown
full join computed using (account_id, date_day, scorecard)  -- noqa: ST07
where shown.grade is distinct from computed.grade
    or shown.score_status is distinct from computed.score_status
    or (shown.health_score is null) <> (computed.health_score is null)
    or abs(shown.health_score - computed.health_score) > {same_score}
order by date_day, account_id, scorecard
