-- Grain: one row per measure and reason for which weighted metrics earned no points on the last day.
-- What it costs the scores not to know it: the weight that other metrics carry instead, and the revenue behind it.
-- Where a metric stands on two measures, the gap is the one that has no values.
with

drivers as (

    select * from {{ ref('int_score_drivers') }}
    where date_day = {{ as_of_date() }}
        and value_status <> 'not_applicable'

),

unscored as (

    select * from drivers
    where not {{ earns_points('value_status') }}

),

score_totals as (

    select {{ exact_sum('weight') }} as applicable_weight from drivers

),

accounts as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('int_metric_registry') }}
    where metric is null

),

attributed as (

    select
        unscored.account_id,
        unscored.scorecard,
        unscored.metric,
        unscored.weight,
        unscored.value_status,
        accounts.mrr_usd,
        case
            when unscored.value_status = 'no_base' then coalesce(metrics.denominator_measure, metrics.measure)
            when unscored.value_status = 'not_instrumented'
                and numerators.has_rows
                and not denominators.has_rows then metrics.denominator_measure
            else metrics.measure
        end as measure
    from unscored
    inner join accounts
        on unscored.account_id = accounts.account_id
    inner join metrics
        on unscored.metric = metrics.metric
    left join measures as numerators
        on metrics.measure = numerators.measure
    left join measures as denominators
        on metrics.denominator_measure = denominators.measure

),

account_gaps as (

    select
        measure,
        value_status,
        account_id,
        max(mrr_usd) as mrr_usd,
        count(distinct scorecard) as scores,
        {{ exact_sum('weight') }} as weight
    from attributed
    group by 1, 2, 3

),

affected_metrics as (

    select
        measure,
        value_status,
        {{ sorted_list('metric') }} as metrics
    from attributed
    group by 1, 2

),

gaps as (

    select
        measure,
        value_status,
        count(*) as accounts,
        sum(scores) as scores,
        {{ exact_sum('weight') }} as weight_unscored,
        coalesce(sum(mrr_usd), 0) as mrr_usd
    from account_gaps
    group by 1, 2

),

final as (

    select
        gaps.measure,
        gaps.value_status,
        measures.source,
        measures.raw_table,
        affected_metrics.metrics,
        cast(gaps.accounts as bigint) as accounts,
        cast(gaps.scores as bigint) as scores,
        cast(gaps.weight_unscored as double) as weight_unscored,
        cast(100 * gaps.weight_unscored / nullif(score_totals.applicable_weight, 0) as double) as weight_unscored_pct,
        cast(gaps.mrr_usd as {{ money() }}) as mrr_usd,
        case
            when gaps.value_status = 'not_instrumented' and not measures.has_rows
                then 'Connect ' || measures.raw_table || ': nothing has arrived that this measure could be counted from'
            when gaps.value_status = 'not_instrumented'
                then 'Values arrive for other accounts or days: complete ' || measures.raw_table
                    || ' for these accounts, or check instrumentation.csv'
            when gaps.value_status = 'stale'
                then 'Ask for newer values in ' || measures.raw_table || ', and check its export if it was silent'
            when gaps.value_status = 'no_base'
                then 'Nothing to compare with: there was none of it in the period'
            else 'Wait: these accounts have too little history'
        end as what_to_do
    from gaps
    cross join score_totals
    inner join affected_metrics
        on gaps.measure = affected_metrics.measure
        and gaps.value_status = affected_metrics.value_status
    left join measures
        on gaps.measure = measures.measure

)

select * from final
