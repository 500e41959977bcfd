-- Grain: one row per account and scorecard that has a score today and had one 28 days ago: what moved it most.
-- The steps of the 28 days are summed by cause; the cause is the largest that goes the way the score went. There is
-- none where the score moved by less than a point.
-- Effects of weights (something became known, the scorecard changed) belong to the score, not to one metric.
{% set days_back = 28 %}

with

scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}
        and health_score is not null

),

earlier_scores as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ add_days(as_of_date(), -days_back) }}
        and health_score is not null

),

changes as (

    select * from {{ ref('int_score_changes') }}
    where date_day > {{ add_days(as_of_date(), -days_back) }}
        and date_day <= {{ as_of_date() }}

),

compared as (

    select
        scores.account_id,
        scores.scorecard,
        scores.scorecard_version,
        scores.rule_applied,
        earlier_scores.rule_applied as earlier_rule_applied,
        scores.health_score - earlier_scores.health_score as change_points
    from scores
    inner join earlier_scores
        on scores.account_id = earlier_scores.account_id
        and scores.scorecard = earlier_scores.scorecard

),

grouped as (

    select
        account_id,
        scorecard,
        case when effect in ('score_appeared', 'score_ended') then 'interruption' else effect end as effect,
        case when effect in ('behaviour', 'peers', 'benchmark') then metric end as metric,
        {{ exact_sum('change_points') }} as change_points
    from changes
    group by 1, 2, 3, 4

),

ranked as (

    select
        compared.account_id,
        compared.scorecard,
        compared.scorecard_version,
        compared.rule_applied,
        compared.earlier_rule_applied,
        grouped.effect,
        grouped.metric,
        grouped.change_points,
        row_number() over (
            partition by compared.account_id, compared.scorecard
            order by
                case
                    when compared.change_points < 0 then grouped.change_points else -grouped.change_points
                end nulls last,
                grouped.effect nulls last,
                grouped.metric nulls last
        ) as largest_first
    from compared
    left join grouped
        on compared.account_id = grouped.account_id
        and compared.scorecard = grouped.scorecard
        and abs(compared.change_points) >= 1

),

final as (

    select
        account_id,
        scorecard,
        scorecard_version,
        rule_applied,
        earlier_rule_applied,
        effect as cause_effect,
        metric as cause_metric,
        change_points as cause_points
    from ranked
    where largest_first = 1

)

select * from final
