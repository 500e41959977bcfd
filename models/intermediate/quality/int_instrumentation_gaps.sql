-- Grain: one row per measure and reason for which weighted metrics earned no points on the last day.
-- What it costs the scores not to know it: the weight that other metrics carry instead, and the revenue behind it.

with

unscored as (

    select * from {{ ref('int_unscored_weights') }}

),

score_totals as (

    select {{ exact_sum('weight') }} as applicable_weight
    from {{ ref('int_score_drivers') }}
    where date_day = {{ as_of_date() }}
        and value_status <> 'not_applicable'

),

measures as (

    select * from {{ ref('int_metric_registry') }}
    where metric is null

),

account_gaps as (

    select
        measure,
        value_status,
        account_id,
        max(mrr_usd) as mrr_usd,
        count(distinct scorecard) as scores,
        {{ exact_sum('weight') }} as weight
    from unscored
    group by 1, 2, 3

),

affected as (

    select
        measure,
        value_status,
        {{ sorted_list('metric') }} as metrics,
        {{ sorted_list('missing_columns') }} as missing_columns
    from unscored
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
        affected.missing_columns,
        affected.metrics,
        cast(gaps.accounts as bigint) as accounts,
        cast(gaps.scores as bigint) as scores,
        cast(gaps.weight_unscored as double) as weight_unscored,
        cast(100 * gaps.weight_unscored / nullif(score_totals.applicable_weight, 0) as double) as weight_unscored_pct,
        cast(coalesce(gaps.mrr_usd, 0) as {{ money() }}) as mrr_usd,
        case
            when gaps.value_status = 'not_instrumented' and not measures.has_rows
                then 'Connect ' || measures.raw_table || ': nothing has arrived that this measure could be counted from'
            when gaps.value_status = 'not_instrumented' and affected.missing_columns is not null
                then 'Fill ' || replace(affected.missing_columns, ';', ', ') || ' in ' || measures.raw_table
                    || ': the rows of these accounts leave it empty'
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
    inner join affected
        on gaps.measure = affected.measure
        and gaps.value_status = affected.value_status
    left join measures
        on gaps.measure = measures.measure

)

select * from final
