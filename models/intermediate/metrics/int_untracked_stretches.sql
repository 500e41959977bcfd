-- Grain: one row per account, metric and stretch of the account's days on which one of the metric's measures is not
-- tracked for it, or (is_partial) is tracked again while the metric still looks back at days without it.
-- An account with rows of its own in instrumentation.csv is tracked inside them, and only there; else what its rows do
-- not fill and what accounts.not_recorded names is not tracked.
{{ config(materialized='view') }}

with

metrics as (

    select * from {{ ref('int_metric_strata') }}

),

measures as (

    select * from {{ ref('measures') }}

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

instrumentation as (

    select * from {{ ref('instrumentation') }}
    where account_id is not null

),

unfilled as (

    select * from {{ ref('int_account_gaps') }}

),

untracked as (

    select
        account_id,
        measure,
        {{ first_version_on() }} as starts_on,
        min(tracked_from_on) as ends_on,
        cast(null as date) as counts_from_on
    from instrumentation
    group by 1, 2
    union all
    select
        account_id,
        measure,
        tracked_to_on as starts_on,
        coalesce(
            lead(tracked_from_on) over (partition by account_id, measure order by tracked_from_on nulls last),
            {{ open_end() }}
        ) as ends_on,
        null as counts_from_on
    from instrumentation
    union all
    select account_id, measure, starts_on, ends_on, counts_from_on from unfilled

),

of_metrics as (

    select
        metrics.stratum,
        metrics.metric,
        untracked.account_id,
        untracked.starts_on,
        untracked.ends_on,
        untracked.counts_from_on,
        {{ days_looked_back('metrics', 'measures') }} as days_back
    from untracked
    inner join metrics
        on untracked.measure = metrics.measure
        or untracked.measure = metrics.denominator_measure
    inner join measures
        on untracked.measure = measures.measure

),

stretches as (

    select stratum, metric, account_id, starts_on, ends_on, false as is_partial from of_metrics
    union all
    select
        stratum,
        metric,
        account_id,
        ends_on as starts_on,
        {{ add_days('counts_from_on', 'days_back') }} as ends_on,
        true as is_partial
    from of_metrics
    where counts_from_on is not null

),

final as (

    select distinct
        stretches.stratum,
        account_periods.account_id,
        stretches.metric,
        greatest(account_periods.period_starts_on, stretches.starts_on) as starts_on,
        least(account_periods.period_ends_on, stretches.ends_on) as ends_on,
        stretches.is_partial
    from stretches
    inner join account_periods
        on stretches.account_id = account_periods.account_id
        and stretches.starts_on < account_periods.period_ends_on
        and stretches.ends_on > account_periods.period_starts_on

)

select * from final
