-- Grain: one row per finding about what came true: scores and weights that do not do what they are kept for.
{{ config(materialized='view') }}

with

accuracy as (

    select * from {{ ref('int_score_accuracy') }}
    where outcome = 'churned'
        and predictor = 'scorecard'
        and period = 'all'
        and horizon_days = {{ renewal_outcome_horizon() }}
        and accounts_with_outcome >= {{ var('verdict_min_accounts') }}

),

metric_accuracy as (

    select * from {{ ref('int_metric_accuracy') }}
    where is_weighted
        and horizon_days = {{ renewal_outcome_horizon() }}
        and accounts_with_outcome >= {{ var('verdict_min_accounts') }}

),

lead_times as (

    select * from {{ ref('int_metric_lead_times') }}
    where indicator_type = 'leading'
        and metric <> 'health_score'
        and from_days > 60
        and accounts_with_outcome >= {{ var('verdict_min_accounts') }}

),

-- the longest stretch ahead for which there is enough to judge
longest_leads as (

    select *, row_number() over (partition by metric order by to_days desc, from_days) as longest_first
    from lead_times

),

metrics as (

    select metric from {{ ref('metrics') }}

),

final as (

    select
        'score_does_not_predict' as finding,
        scorecard as entity,
        'area under the curve ' || {{ area_in_words('auc', 'auc_low', 'auc_high') }} || ' of departures within '
        || cast(horizon_days as {{ dbt.type_string() }}) || ' days: '
        || {{ counted('accounts_with_outcome', 'customer') }} || ' left' as detail,
        {{ as_of_date() }} as found_on
    from accuracy
    where auc_low <= 0.5e0
    union all
    select
        'score_not_above_generic' as finding,
        scorecard as entity,
        'area under the curve '
        || {{ area_in_words('auc_minus_generic', 'auc_minus_generic_low', 'auc_minus_generic_high') }}
        || ' above that of the generic score, of departures within '
        || cast(horizon_days as {{ dbt.type_string() }}) || ' days' as detail,
        {{ as_of_date() }} as found_on
    from accuracy
    where not beats_generic
    union all
    select
        'weighted_metric_at_chance' as finding,
        metric as entity,
        verdict || ': area under the curve ' || {{ area_in_words('auc', 'auc_low', 'auc_high') }}
        || ' of departures within ' || cast(horizon_days as {{ dbt.type_string() }})
        || ' days; weighted in ' || replace(weighted_in_scorecards, ';', ', ') as detail,
        {{ as_of_date() }} as found_on
    from metric_accuracy
    where auc_low <= 0.5e0
    union all
    select
        'leading_claim_unsupported' as finding,
        metric as entity,
        'area under the curve ' || {{ area_in_words('auc', 'auc_low', 'auc_high') }} || ' of departures '
        || cast(from_days as {{ dbt.type_string() }}) || ' to ' || cast(to_days as {{ dbt.type_string() }})
        || ' days later' as detail,
        {{ as_of_date() }} as found_on
    from longest_leads
    where longest_first = 1
        and auc_low <= 0.5e0
    union all
    select
        'baseline_metric_unknown' as finding,
        baselines.baseline || '/' || baselines.metric as entity,
        'metrics.csv has no metric ' || baselines.metric as detail,
        {{ as_of_date() }} as found_on
    from {{ ref('baselines') }} as baselines
    left join metrics
        on baselines.metric = metrics.metric
    where metrics.metric is null

)

select * from final
