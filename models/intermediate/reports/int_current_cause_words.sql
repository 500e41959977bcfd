-- Grain: one row per account and scorecard that has a score today and had one 28 days ago: what moved it most, in
-- words.
{% set days_back = 28 %}

with

causes as (

    select * from {{ ref('int_current_causes') }}

),

coverage_changes as (

    select * from {{ ref('int_current_coverage_changes') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}

),

earlier_metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ add_days(as_of_date(), -days_back) }}

),

-- a rule of 28 days ago may be in force no longer
score_rules as (

    select
        rule,
        max(reason) as reason
    from {{ ref('score_rules') }}
    where effective_from <= {{ as_of_date() }}
    group by 1

),

known_changes as (

    select
        coverage_changes.account_id,
        coverage_changes.scorecard,
        {{ sorted_list("case when coverage_changes.is_known_now then metrics.label end") }} as now_known,
        {{ sorted_list("case when not coverage_changes.is_known_now then metrics.label end") }} as no_longer_known
    from coverage_changes
    inner join metrics
        on coverage_changes.metric = metrics.metric
    group by 1, 2

),

described as (

    select
        causes.*,
        metrics.label,
        {{ value_in_words('metric_points.value', 'metrics.unit', 'metrics.aggregation') }} as value_in_words,
        {{ value_in_words('earlier_metric_points.value', 'metrics.unit', 'metrics.aggregation') }}
            as earlier_value_in_words,
        known_changes.now_known,
        known_changes.no_longer_known,
        score_rules.reason as rule_reason,
        earlier_rules.reason as earlier_rule_reason
    from causes
    left join metrics
        on causes.cause_metric = metrics.metric
    left join metric_points
        on causes.account_id = metric_points.account_id
        and causes.cause_metric = metric_points.metric
    left join earlier_metric_points
        on causes.account_id = earlier_metric_points.account_id
        and causes.cause_metric = earlier_metric_points.metric
    left join known_changes
        on causes.account_id = known_changes.account_id
        and causes.scorecard = known_changes.scorecard
    left join score_rules
        on causes.rule_applied = score_rules.rule
    left join score_rules as earlier_rules
        on causes.earlier_rule_applied = earlier_rules.rule

),

final as (

    select
        account_id,
        scorecard,
        {{ cause_in_words(
            effect='cause_effect',
            points='cause_points',
            label='label',
            value='value_in_words',
            earlier_value='earlier_value_in_words',
            now_known='now_known',
            no_longer_known='no_longer_known',
            rule_reason='rule_reason',
            earlier_rule_reason='earlier_rule_reason'
        ) }} as cause_in_words
    from described

)

select * from final
