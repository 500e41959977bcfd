-- Grain: one row per metric, and one per measure (metric null).
-- What the configuration intends, joined to what was observed, in both directions: everything declared should be
-- observed, everything observed should be declared. Observed: see int_metric_observations.

with

metrics as (

    select * from {{ ref('metrics') }}

),

measures as (

    select * from {{ ref('measures') }}

),

facts as (

    select measure, date_day from {{ ref('int_measures__unioned') }}
    union all
    select measure, date_day from {{ ref('int_journey__measures') }}

),

measure_rows as (

    select
        measure,
        count(*) as measure_rows,
        max(date_day) as last_measured_on
    from facts
    group by 1

),

observations as (

    select * from {{ ref('int_metric_observations') }}

),

scorecards_in_force as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

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

entries as (

    select
        metric,
        measure
    from metrics
    union all
    select
        null as metric,
        coalesce(measures.measure, measure_rows.measure) as measure
    from measures
    full outer join measure_rows
        on measures.measure = measure_rows.measure

),

-- of a row of a measure, what is known of metrics is empty
known as (

    select
        entries.metric,
        entries.measure,
        measures.source,
        measures.raw_table,
        entries.metric is not null or measures.measure is not null as is_declared,
        case
            when entries.metric is null then measure_rows.measure is not null else observations.metric is not null
        end as has_rows,
        case
            when entries.metric is null then measure_rows.measure is not null
            else observations.last_observed_on is not null
        end as is_observed,
        coalesce(measure_rows.measure_rows, 0) as measure_rows,
        measure_rows.last_measured_on,
        observations.last_observed_on,
        observations.accounts_observed / nullif(cast(observations.accounts as double), 0) as accounts_observed_share,
        observations.lowest_value = observations.highest_value and observations.accounts_observed > 1 as is_constant,
        {%- for value_status in value_statuses() %}
        observations.{{ value_status }}_rows / nullif(cast(observations.row_count as double), 0)
            as {{ value_status }}_share,
        {%- endfor %}
        case when entries.metric is not null then coalesce(weights.scorecards_weighing, 0) end as scorecards_weighing,
        case when entries.metric is not null then coalesce(weights.highest_weight, 0) end as highest_weight,
        case when entries.metric is not null then weights.metric is null end as is_shadow
    from entries
    left join measures
        on entries.measure = measures.measure
    left join measure_rows
        on entries.measure = measure_rows.measure
    left join observations
        on entries.metric = observations.metric
    left join weights
        on entries.metric = weights.metric

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
        last_measured_on,
        last_observed_on,
        accounts_observed_share,
        is_constant,
        {%- for value_status in value_statuses() %}
        {{ value_status }}_share,
        {%- endfor %}
        cast(scorecards_weighing as integer) as scorecards_weighing,
        cast(highest_weight as double) as highest_weight,
        is_shadow
    from known

)

select * from final
