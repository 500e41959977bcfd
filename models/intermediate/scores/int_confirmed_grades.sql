-- Grain: one row per account, day of the index and scorecard: the grade that counts, and how long the grade of the day
-- has been held.
-- The confirmed grade is the latest grade of the day that was held on grade_confirm_days scored days in a row; the
-- first scored day and a rule set it at once; days without a score neither count nor break a run.
{{ config(
    materialized='incremental', incremental_strategy='day_range', inputs_are_cut=true, layer='scores',
    tags=['what_if'],
) }}

with

periods as (

    select
        account_id,
        scorecard,
        starts_on,
        ends_on,
        raw_grade,
        is_ruled,
        stretch,
        cast(null as {{ dbt.type_string() }}) as last_grade,
        0 as days_held_before
    from {{ ref('int_grade_periods') }}
    {% if is_incremental() %}
    union all
    -- the left margin: the day before the first rebuilt one stands in for all history, if a period follows it at once
    select
        stored.account_id,
        stored.scorecard,
        stored.date_day as starts_on,
        stored.date_day as ends_on,
        stored.last_raw_grade as raw_grade,
        false as is_ruled,
        first_periods.stretch,
        stored.last_grade,
        stored.last_raw_grade_days - 1 as days_held_before
    from {{ this }} as stored
    inner join {{ ref('int_grade_periods') }} as first_periods
        on stored.account_id = first_periods.account_id
        and stored.scorecard = first_periods.scorecard
        and first_periods.starts_on = {{ rebuild_from('scores') }}
    where stored.date_day = {{ add_days(rebuild_from('scores'), -1) }}
    {% endif %}

),

graded as (

    select
        *,
        last_value(raw_grade ignore nulls) over earlier as previous_raw_grade,
        coalesce(sum(
            case
                when raw_grade is not null then days_held_before + {{ days_between('starts_on', 'ends_on') }} + 1
                else 0
            end
        ) over earlier, 0) as scored_days_before
    from periods
    window earlier as (
        partition by account_id, scorecard, stretch order by starts_on
        rows between unbounded preceding and 1 preceding
    )

),

held as (

    select
        *,
        scored_days_before + days_held_before - {{ last_known(
            "case when raw_grade <> coalesce(previous_raw_grade, '') then scored_days_before end",
            'account_id, scorecard, stretch', 'starts_on') }} as raw_grade_days_before
    from graded

),

confirmations as (

    select
        *,
        case
            when raw_grade is null then null
            when is_ruled or (previous_raw_grade is null and last_grade is null) then starts_on
            when raw_grade_days_before + {{ days_between('starts_on', 'ends_on') }} + 1
                >= {{ var('grade_confirm_days') }}
                then {{ add_days(
                    'starts_on', 'greatest(0, ' ~ var('grade_confirm_days') ~ ' - 1 - raw_grade_days_before)') }}
        end as confirmed_on
    from held

),

carried as (

    select
        *,
        coalesce(
            last_grade,
            last_value(case when confirmed_on is not null then raw_grade else last_grade end ignore nulls) over (
                partition by account_id, scorecard, stretch order by starts_on
                rows between unbounded preceding and 1 preceding
            )
        ) as grade_before
    from confirmations

),

days as (

    select *, {{ each_day('starts_on', 'ends_on') }} as date_day from carried

),

final as (

    select
        account_id,
        date_day,
        scorecard,
        case when date_day >= confirmed_on then raw_grade else grade_before end as last_grade,
        coalesce(raw_grade, previous_raw_grade) as last_raw_grade,
        cast(
            case
                when raw_grade is null then raw_grade_days_before
                else raw_grade_days_before + {{ days_between('starts_on', 'date_day') }} + 1
            end as integer
        ) as last_raw_grade_days
    from days
    where date_day >= {{ rebuild_from('scores') }}

)

select * from final
