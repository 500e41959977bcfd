-- Grain: one row per account, metric and stretch of the account's days on which one of the metric's measures is not
-- tracked for it. An account with rows of its own in instrumentation.csv is tracked inside them only.
{{ config(materialized='view') }}

with

metrics as (

    select * from {{ ref('int_metric_strata') }}

),

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

instrumentation as (

    select * from {{ ref('instrumentation') }}
    where account_id is not null

),

untracked as (

    select
        account_id,
        measure,
        {{ first_version_on() }} as starts_on,
        min(tracked_from_on) as ends_on
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
        ) as ends_on
    from instrumentation

),

final as (

    select distinct
        metrics.stratum,
        account_periods.account_id,
        metrics.metric,
        greatest(account_periods.period_starts_on, untracked.starts_on) as starts_on,
        least(account_periods.period_ends_on, untracked.ends_on) as ends_on
    from untracked
    inner join metrics
        on untracked.measure = metrics.measure
        or untracked.measure = metrics.denominator_measure
    inner join account_periods
        on untracked.account_id = account_periods.account_id
        and untracked.starts_on < account_periods.period_ends_on
        and untracked.ends_on > account_periods.period_starts_on

)

select * from final
