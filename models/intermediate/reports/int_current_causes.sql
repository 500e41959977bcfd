-- Grain: one row per account and scorecard that has a score today and had one 28 days ago: what moved it most, in words.
-- The steps of the 28 days are summed by cause; the cause shown is the largest that goes the way the score went.
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

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}

),

earlier_metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ add_days(as_of_date(), -days_back) }}

),

weights as (

    select * from {{ ref('int_scorecard_weights') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

score_rules as (

    select
        rule,
        max(reason) as reason
    from {{ ref('score_rules') }}
    where effective_from <= {{ as_of_date() }}
    group by 1

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
        sum(change_points) as change_points
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
        compared.change_points as score_change_points,
        grouped.effect,
        grouped.metric,
        grouped.change_points,
        row_number() over (
            partition by compared.account_id, compared.scorecard
            order by
                case when compared.change_points < 0 then grouped.change_points else -grouped.change_points end,
                grouped.effect,
                grouped.metric
        ) as largest_first
    from compared
    left join grouped
        on compared.account_id = grouped.account_id
        and compared.scorecard = grouped.scorecard

),

main_causes as (

    select * from ranked
    where largest_first = 1

),

known_changes as (

    select
        main_causes.account_id,
        main_causes.scorecard,
        {{ sorted_list("case when metric_points.points is not null then metrics.label end") }} as now_known,
        {{ sorted_list("case when metric_points.points is null then metrics.label end") }} as no_longer_known
    from main_causes
    inner join weights
        on main_causes.scorecard = weights.scorecard
        and main_causes.scorecard_version = weights.scorecard_version
    inner join metric_points
        on main_causes.account_id = metric_points.account_id
        and weights.metric = metric_points.metric
    inner join earlier_metric_points
        on main_causes.account_id = earlier_metric_points.account_id
        and weights.metric = earlier_metric_points.metric
    inner join metrics
        on weights.metric = metrics.metric
    where main_causes.effect = 'coverage'
        and (metric_points.points is null) <> (earlier_metric_points.points is null)
    group by 1, 2

),

described as (

    select
        main_causes.*,
        metrics.label,
        {{ value_in_words('metric_points.value', 'metrics.unit', 'metrics.aggregation') }} as value_in_words,
        {{ value_in_words('earlier_metric_points.value', 'metrics.unit', 'metrics.aggregation') }} as earlier_value_in_words,
        'now known: ' || replace(known_changes.now_known, ';', '; ') as now_known,
        'no longer known: ' || replace(known_changes.no_longer_known, ';', '; ') as no_longer_known,
        score_rules.reason as rule_reason,
        earlier_rules.reason as earlier_rule_reason
    from main_causes
    left join metrics
        on main_causes.metric = metrics.metric
    left join metric_points
        on main_causes.account_id = metric_points.account_id
        and main_causes.metric = metric_points.metric
    left join earlier_metric_points
        on main_causes.account_id = earlier_metric_points.account_id
        and main_causes.metric = earlier_metric_points.metric
    left join known_changes
        on main_causes.account_id = known_changes.account_id
        and main_causes.scorecard = known_changes.scorecard
    left join score_rules
        on main_causes.rule_applied = score_rules.rule
    left join score_rules as earlier_rules
        on main_causes.earlier_rule_applied = earlier_rules.rule

),

final as (

    select
        account_id,
        scorecard,
        effect,
        metric,
        change_points,
        case
            when abs(score_change_points) < 1 or effect is null then 'hardly any change'
            else case effect
                    when 'behaviour'
                        then case
                                when value_in_words = earlier_value_in_words
                                    then label || ' moved in between, and is ' || value_in_words || ' again'
                                else label || ' went from ' || earlier_value_in_words || ' to ' || value_in_words
                            end
                    when 'peers' then label || ': similar accounts moved, this one did not'
                    when 'benchmark'
                        then label || ' is judged more '
                            || case when change_points < 0 then 'strictly' else 'mildly' end
                            || ' since the account''s tenure or segment, or the benchmark, changed'
                    when 'coverage'
                        then coalesce(
                                'What is known about the account changed (' || now_known || '. ' || no_longer_known || ')',
                                'More is known about the account (' || now_known || ')',
                                'Less is known about the account (' || no_longer_known || ')',
                                'What is known about the account changed in between'
                            )
                    when 'configuration' then 'The scorecard itself changed: a new version with other weights'
                    when 'rule'
                        then coalesce(
                                'A rule limits the score: ' || rule_reason,
                                'A rule no longer limits the score: ' || earlier_rule_reason,
                                'A rule limited the score in between'
                            )
                    when 'interruption' then 'The account had no score in between'
                    else effect
                end || ' (' || {{ signed_points('change_points') }} || ')'
        end as sentence
    from described

)

select * from final
