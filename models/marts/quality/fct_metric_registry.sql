-- Grain: one row per metric, and one per measure (metric null).
-- What the configuration intends, joined to what was observed, in both directions: everything declared should be observed,
-- everything observed should be declared. Observed means on the last registry_days days.
{% set registry_days = 28 %}

with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

measure_days as (

    select measure, date_day from {{ ref('int_measures__unioned') }}
    union all
    select measure, date_day from {{ ref('int_journey__measures') }}

),

measure_rows as (

    select
        measure,
        count(*) as measure_rows,
        max(date_day) as last_measured_on
    from measure_days
    group by 1

),

points_rows as (

    select
        metric,
        value_status,
        date_day,
        count(*) as row_count,
        min(value) as lowest_value,
        max(value) as highest_value
    from {{ ref('fct_metric_points') }}
    where date_day > {{ add_days(as_of_date(), -registry_days) }}
    group by 1, 2, 3

),

observations as (

    select
        metric,
        sum(row_count) as row_count,
        sum(case when date_day = {{ as_of_date() }} then row_count end) as accounts,
        sum(case when date_day = {{ as_of_date() }} and {{ earns_points() }} then row_count end) as accounts_observed,
        min(case when date_day = {{ as_of_date() }} and {{ earns_points() }} then lowest_value end) as lowest_value,
        max(case when date_day = {{ as_of_date() }} and {{ earns_points() }} then highest_value end) as highest_value,
        {%- for value_status in ['observed', 'zero', 'stale', 'not_applicable', 'too_early', 'not_instrumented', 'no_base'] %}
        sum(case when value_status = '{{ value_status }}' then row_count else 0 end) as {{ value_status }}_rows,
        {%- endfor %}
        max(case when {{ earns_points() }} then date_day end) as last_observed_on
    from points_rows
    group by 1

),

scorecards_in_force as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and effective_from <= {{ as_of_date() }}
        and coalesce(effective_to, {{ open_end() }}) > {{ as_of_date() }}

),

weights as (

    select
        weights.metric,
        count(*) as scorecards_weighing,
        max(weights.weight) as highest_weight
    from {{ ref('int_scorecard_weights') }} as weights
    inner join scorecards_in_force
        on weights.scorecard = scorecards_in_force.scorecard
        and weights.scorecard_version = scorecards_in_force.version
    group by 1

),

metric_entries as (

    select
        metrics.metric,
        metrics.measure,
        measures.source,
        measures.raw_table,
        true as is_declared,
        coalesce(measure_rows.measure_rows, 0) as measure_rows,
        measure_rows.last_measured_on,
        observations.row_count is not null as has_rows,
        observations.last_observed_on,
        observations.accounts_observed / nullif(cast(observations.accounts as double), 0) as accounts_observed_share,
        observations.lowest_value = observations.highest_value and observations.accounts_observed > 1 as is_constant,
        {%- for value_status in ['observed', 'zero', 'stale', 'not_applicable', 'too_early', 'not_instrumented', 'no_base'] %}
        {{ value_status }}_rows / cast(observations.row_count as double) as {{ value_status }}_share,
        {%- endfor %}
        coalesce(weights.scorecards_weighing, 0) as scorecards_weighing,
        coalesce(weights.highest_weight, 0) as highest_weight,
        weights.metric is null as is_shadow
    from metrics
    left join measures
        on metrics.measure = measures.measure
    left join measure_rows
        on metrics.measure = measure_rows.measure
    left join observations
        on metrics.metric = observations.metric
    left join weights
        on metrics.metric = weights.metric

),

measure_entries as (

    select
        coalesce(measures.measure, measure_rows.measure) as measure,
        measures.source,
        measures.raw_table,
        measures.measure is not null as is_declared,
        coalesce(measure_rows.measure_rows, 0) as measure_rows,
        measure_rows.last_measured_on
    from measures
    full outer join measure_rows
        on measures.measure = measure_rows.measure

),

entries as (

    select
        metric,
        measure,
        source,
        raw_table,
        is_declared,
        has_rows,
        last_observed_on is not null as is_observed,
        measure_rows,
        last_measured_on,
        last_observed_on,
        accounts_observed_share,
        is_constant,
        observed_share,
        zero_share,
        stale_share,
        not_applicable_share,
        too_early_share,
        not_instrumented_share,
        no_base_share,
        scorecards_weighing,
        highest_weight,
        is_shadow
    from metric_entries
    union all
    select
        null as metric,
        measure,
        source,
        raw_table,
        is_declared,
        measure_rows > 0 as has_rows,
        measure_rows > 0 as is_observed,
        measure_rows,
        last_measured_on,
        null as last_observed_on,
        null as accounts_observed_share,
        null as is_constant,
        null as observed_share,
        null as zero_share,
        null as stale_share,
        null as not_applicable_share,
        null as too_early_share,
        null as not_instrumented_share,
        null as no_base_share,
        null as scorecards_weighing,
        null as highest_weight,
        null as is_shadow
    from measure_entries

),

final as (

    select
        cast(metric as {{ dbt.type_string() }}) as metric,
        measure,
        source,
        raw_table,
        case
            when not is_declared then 'observed, not declared'
            when is_observed then 'declared and observed'
            else 'declared, not observed'
        end as verdict,
        is_declared,
        has_rows,
        cast(measure_rows as bigint) as measure_rows,
        cast(last_measured_on as date) as last_measured_on,
        cast(last_observed_on as date) as last_observed_on,
        cast(accounts_observed_share as double) as accounts_observed_share,
        cast(is_constant as boolean) as is_constant,
        cast(observed_share as double) as observed_share,
        cast(zero_share as double) as zero_share,
        cast(stale_share as double) as stale_share,
        cast(not_applicable_share as double) as not_applicable_share,
        cast(too_early_share as double) as too_early_share,
        cast(not_instrumented_share as double) as not_instrumented_share,
        cast(no_base_share as double) as no_base_share,
        cast(scorecards_weighing as integer) as scorecards_weighing,
        cast(highest_weight as double) as highest_weight,
        cast(is_shadow as boolean) as is_shadow
    from entries

)

select * from final
