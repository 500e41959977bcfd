-- Grain: one row per customer of the last day and outcome that it declares: does it have what it bought the product
-- for?
-- Successful is who meets every criterion of which something is known, if that is at least half of them; otherwise
-- nobody can tell.
with

customers as (

    select * from {{ ref('int_account_days') }}
    where date_day = {{ as_of_date() }}
        and not is_in_grace

),

declared as (

    select distinct
        customers.account_id,
        outcomes.desired_outcome
    from customers
    inner join {{ ref('int_account_outcomes') }} as outcomes
        on customers.account_id = outcomes.account_id
        and customers.date_day >= outcomes.starts_on
        and customers.date_day < outcomes.ends_on

),

criteria as (

    select * from {{ ref('success_criteria') }}

),

metric_points as (

    select * from {{ ref('int_metric_points') }}
    where date_day = {{ as_of_date() }}
        and {{ earns_points('value_status') }}

),

counted as (

    select
        declared.account_id,
        declared.desired_outcome,
        count(*) as criteria,
        count(metric_points.value) as criteria_known,
        sum(case
            when {{ compares('metric_points.value', 'criteria.comparator', 'criteria.threshold') | indent(12) }}
                then 1
            else 0
        end) as criteria_met
    from declared
    inner join criteria
        on declared.desired_outcome = criteria.desired_outcome
    left join metric_points
        on declared.account_id = metric_points.account_id
        and criteria.metric = metric_points.metric
    group by 1, 2

),

final as (

    select
        account_id,
        desired_outcome,
        cast(criteria as integer) as criteria,
        cast(criteria_known as integer) as criteria_known,
        cast(criteria_met as integer) as criteria_met,
        case when 2 * criteria_known >= criteria then criteria_met = criteria_known end as is_successful
    from counted

)

select * from final
