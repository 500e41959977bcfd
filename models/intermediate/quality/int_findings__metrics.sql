-- Grain: one row per finding about what is measured: silent sources, metrics nobody observes, weight that is not
-- scored.
{{ config(materialized='view') }}

{# below this share of all weight a gap is the everyday thinness of single accounts #}
{% set least_gap_pct = 1 %}
{# no window reaches further back #}
{% set outage_memory_days = 365 %}

with

silent_days as (

    select
        *,
        {{ day_number('date_day') }} - row_number() over (partition by raw_table order by date_day) as stretch
    from {{ ref('int_source_days') }}
    where not is_live
        and date_day > {{ add_days(as_of_date(), -outage_memory_days) }}

),

stretches as (

    select
        raw_table,
        min(date_day) as first_on,
        max(date_day) as last_on,
        sum(row_count) as row_count,
        sum(typical_row_count) as typical_row_count,
        row_number() over (partition by raw_table order by min(date_day) desc) as newest_first,
        count(*) over (partition by raw_table) as outages
    from silent_days
    group by raw_table, stretch

),

registry as (

    select * from {{ ref('int_metric_registry') }}

),

gaps as (

    select * from {{ ref('int_instrumentation_gaps') }}
    where value_status in ('not_instrumented', 'stale')
        and weight_unscored_pct >= {{ least_gap_pct }}

),

scores_today as (

    select
        scorecard,
        count(*) as accounts,
        sum(case when score_status = 'not_scored' then 1 else 0 end) as accounts_not_scored
    from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}
    group by scorecard

),

final as (

    select
        'source_outage' as finding,
        raw_table as entity,
        {{ counted('row_count', 'row') }} || ' from ' || cast(first_on as {{ dbt.type_string() }}) || ' to '
        || cast(last_on as {{ dbt.type_string() }}) || ' where ' || {{ number_in_words('typical_row_count') }}
        || ' are usual; ' || {{ counted('outages', 'outage') }} || ' in {{ outage_memory_days }} days' as detail,
        last_on as found_on
    from stretches
    where newest_first = 1
    union all
    select
        'measure_unknown' as finding,
        measure as entity,
        {{ counted('measure_rows', 'row') }} || ' of a measure that measures.csv does not list' as detail,
        last_measured_on as found_on
    from registry
    where metric is null
        and not is_declared
    union all
    select
        'measure_never_observed' as finding,
        measure as entity,
        'no value has come from ' || raw_table as detail,
        {{ as_of_date() }} as found_on
    from registry
    where metric is null
        and is_declared
        and not has_rows
    union all
    select
        case when has_rows then 'metric_never_observed' else 'metric_has_no_rows' end as finding,
        metric as entity,
        case
            when has_rows then 'no account had a value in four weeks; it reads ' || measure || ' from ' || raw_table
            else 'the last four weeks hold no row of it'
        end as detail,
        {{ as_of_date() }} as found_on
    from registry
    where metric is not null
        and verdict = 'declared, not observed'
    union all
    select
        'metric_constant' as finding,
        metric as entity,
        'all accounts have the same value' as detail,
        {{ as_of_date() }} as found_on
    from registry
    where is_constant
    union all
    select
        'weight_not_scored' as finding,
        measure || '/' || value_status as entity,
        {{ counted('accounts', 'account') }} || ' worth ' || {{ number_in_words('mrr_usd') }} || ' USD a month; '
        || {{ percent_in_words('weight_unscored_pct') }} || ' of all weight is carried by other metrics' as detail,
        {{ as_of_date() }} as found_on
    from gaps
    union all
    select
        'accounts_not_scored' as finding,
        scorecard as entity,
        {{ counted('accounts_not_scored', 'account') }} || ' of ' || cast(accounts as {{ dbt.type_string() }})
        || ' have no score' as detail,
        {{ as_of_date() }} as found_on
    from scores_today
    where accounts_not_scored > 0

)

select * from final
