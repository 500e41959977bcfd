with

ends as (

    select
        current.account_id, current.scorecard, scores_now.health_score as score_now,
        scores_before.health_score as score_before, scores_now.grade as grade_now,
        scores_before.grade as grade_before,
        scores_now.health_score - scores_before.health_score as change_points
    from health.rpt_account_health_current as current
    inner join health.fct_health_scores as scores_now
        on current.account_id = scores_now.account_id
        and current.scorecard = scores_now.scorecard
        and scores_now.date_day = $day
    inner join health.fct_health_scores as scores_before
        on current.account_id = scores_before.account_id
        and current.scorecard = scores_before.scorecard
        and scores_before.date_day = $before
    where current.is_primary and ($csm is null or current.csm_id = $csm)

),

moved as (

    select * from ends
    where grade_now is distinct from grade_before or abs(change_points) >= $points

),

causes as (

    select effects.account_id, effects.effect, effects.metric, effects.change_points
    from health.rpt_score_changes as effects
    inner join moved on effects.account_id = moved.account_id and effects.scorecard = moved.scorecard
    where effects.date_day = $day and effects.days_back = $days
        and (effects.change_points > 0) = (coalesce(moved.change_points, effects.change_points) > 0)
    qualify row_number() over (
            partition by effects.account_id order by abs(effects.change_points) desc, effects.effect, effects.metric
        ) = 1

)

select
    moved.*, current.account_name, current.csm_id, current.csm_name, current.mrr_usd, current.shown_grade,
    current.grade_label, current.next_step, causes.effect as cause_effect, metrics.label as cause_label,
    causes.change_points as cause_points
from moved
inner join {in_words} as current
    on moved.account_id = current.account_id and moved.scorecard = current.scorecard
left join causes on moved.account_id = causes.account_id
left join health.dim_metrics as metrics on causes.metric = metrics.metric
order by current.mrr_usd desc nulls last, moved.account_id
