-- Grain: one row per published score of some days, and whether this build does not repeat it.
with

shown as (

    select * from published.health.fct_health_scores
    where {days}

),

computed as (

    select * from health.fct_health_scores
    where {days}

)

select
    shown.account_id,
    shown.date_day,
    shown.scorecard,
    shown.health_score as published_score,
    computed.health_score,
    (
        computed.account_id is null
        or (
            shown.health_score is distinct from computed.health_score
            and not coalesce(abs(shown.health_score - computed.health_score) <= {points}, false)
        )
    ) as is_changed
from shown
left join computed
    on shown.account_id = computed.account_id
    and shown.date_day = computed.date_day
    and shown.scorecard = computed.scorecard
