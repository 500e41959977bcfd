-- Grain: one row per account, day and journey measure: states that change when a milestone changes its status.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

-- what cannot be told of any milestone is not a path that is kept to: without one that can, there is no value
states as (

    select * from {{ ref('int_milestone_states') }}
    where milestone_status <> 'not_applicable'

),

judged as (

    select account_id, starts_on, ends_on from states
    where milestone_status in ('reached_on_time', 'reached_late', 'late')

),

on_time as (

    select account_id, starts_on, ends_on from states
    where milestone_status = 'reached_on_time'

),

value_moments as (

    select account_id, starts_on, ends_on from states
    where milestone_status in ('reached_on_time', 'reached_late')
        and is_value_moment

),

late as (

    select account_id, starts_on, ends_on, expected_on from states
    where milestone_status = 'late'

),

path_starts as (

    select account_id, min(starts_on) as date_day
    from states
    group by 1

),

change_days as (

    select account_id, date_day from path_starts
    union
    select account_id, starts_on as date_day from states
    union
    select account_id, ends_on as date_day from states

),

counts as (

    select account_id, date_day, 'milestones_due' as measure, value
    from ({{ open_intervals('judged') }}) as judged_counts
    union all
    select account_id, date_day, 'milestones_on_time' as measure, value
    from ({{ open_intervals('on_time') }}) as on_time_counts
    union all
    select account_id, date_day, 'value_moments_reached' as measure, value
    from ({{ open_intervals('value_moments') }}) as value_moment_counts

),

-- an account on a path has reached no milestone yet, which is a number
first_counts as (

    select path_starts.account_id, path_starts.date_day, measures.measure, 0 as value
    from path_starts
    cross join (
        select 'milestones_due' as measure
        union all
        select 'milestones_on_time' as measure
        union all
        select 'value_moments_reached' as measure
    ) as measures
    left join counts
        on path_starts.account_id = counts.account_id
        and path_starts.date_day = counts.date_day
        and measures.measure = counts.measure
    where counts.account_id is null

),

oldest_late as (

    select
        change_days.account_id,
        change_days.date_day,
        {{ day_number('min(late.expected_on)') }} as value
    from change_days
    left join late
        on change_days.account_id = late.account_id
        and change_days.date_day >= late.starts_on
        and change_days.date_day < late.ends_on
    group by 1, 2

),

oldest_late_changes as (

    select
        *,
        lag(value) over (partition by account_id order by date_day) as previous_value,
        row_number() over (partition by account_id order by date_day) = 1 as is_first
    from oldest_late

),

unioned as (

    select account_id, date_day, measure, value from counts
    union all
    select account_id, date_day, measure, value from first_counts
    union all
    select account_id, date_day, 'oldest_late_milestone_due_on' as measure, value
    from oldest_late_changes
    where is_first
        or value is distinct from previous_value

),

final as (

    {{ measure_rows('unioned') }}

)

select * from final
