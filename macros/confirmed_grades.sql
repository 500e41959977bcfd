{#
    The confirmed grade, in CTEs of int_health_scores: from `scores` (series_number, date_day, raw_grade, rule_applied) and
    `series` (its account_id, scorecard and last_day) to `confirmed`, one row per series and day. Most days repeat the day
    before, so days become periods first, and only those are followed through history.
#}
{% macro confirmation_steps() %}
grade_days as (

    select
        series_number,
        date_day,
        raw_grade,
        rule_applied is not null as is_ruled,
        cast(null as {{ dbt.type_string() }}) as last_grade,
        0 as days_held_before
    from scores
    {% if is_incremental() %}
    union all
    -- the left margin: the day before the first rebuilt one stands in for all history
    select
        series.series_number,
        stored.date_day,
        stored.last_raw_grade as raw_grade,
        false as is_ruled,
        stored.last_grade,
        stored.last_raw_grade_days - 1 as days_held_before
    from {{ this }} as stored
    inner join series
        on stored.account_id = series.account_id
        and stored.scorecard = series.scorecard
    where stored.date_day = {{ add_days(rebuild_from('scores'), -1) }}
    {% endif %}

),

neighbours as (

    select
        *,
        lag(date_day) over day_by_day as previous_day,
        lag(raw_grade) over day_by_day as grade_of_previous_day,
        lag(is_ruled) over day_by_day as is_previous_day_ruled
    from grade_days
    window day_by_day as (partition by series_number order by date_day)

),

-- the few days on which something begins: from here on one row for all days until the next one
turns as (

    select
        *,
        previous_day is null or previous_day < {{ add_days('date_day', -1) }} as is_after_gap
    from neighbours
    where previous_day is null
        or previous_day < {{ add_days('date_day', -1) }}
        or is_ruled <> is_previous_day_ruled
        or coalesce(raw_grade, '') <> coalesce(grade_of_previous_day, '')

),

-- stretches without a missing day: after a gap, everything starts anew
periods as (

    select
        turns.series_number,
        turns.date_day as starts_on,
        coalesce(lead(turns.previous_day) over turn_by_turn, series.last_day) as ends_on,
        turns.raw_grade,
        turns.is_ruled,
        turns.last_grade,
        turns.days_held_before,
        sum(case when turns.is_after_gap then 1 else 0 end) over turn_by_turn as stretch
    from turns
    inner join series
        on turns.series_number = series.series_number
    window turn_by_turn as (partition by turns.series_number order by turns.date_day)

),

counted as (

    select
        *,
        case
            when raw_grade is not null then days_held_before + {{ days_between('starts_on', 'ends_on') }} + 1
            else 0
        end as scored_days
    from periods

),

graded as (

    select
        *,
        last_value(raw_grade ignore nulls) over earlier as previous_raw_grade,
        coalesce(sum(scored_days) over earlier, 0) as scored_days_before
    from counted
    window earlier as (
        partition by series_number, stretch order by starts_on
        rows between unbounded preceding and 1 preceding
    )

),

held as (

    select
        *,
        scored_days_before + days_held_before - {{ last_known(
            "case when raw_grade is not null and raw_grade <> coalesce(previous_raw_grade, '') then scored_days_before end",
            'series_number, stretch', 'starts_on') }} as raw_grade_days_before
    from graded

),

confirmations as (

    select
        *,
        case
            when raw_grade is null then null
            when is_ruled or (previous_raw_grade is null and last_grade is null) then starts_on
            when raw_grade_days_before + {{ days_between('starts_on', 'ends_on') }} + 1 >= {{ var('grade_confirm_days') }}
                then {{ add_days('starts_on', 'greatest(0, ' ~ var('grade_confirm_days') ~ ' - 1 - raw_grade_days_before)') }}
        end as confirmed_on
    from held

),

carried as (

    select
        *,
        coalesce(
            last_grade,
            last_value(case when confirmed_on is not null then raw_grade else last_grade end ignore nulls) over (
                partition by series_number, stretch order by starts_on
                rows between unbounded preceding and 1 preceding
            )
        ) as grade_before
    from confirmations

),

confirmed_days as (

    select
        series_number,
        {{ each_day('starts_on', 'ends_on') }} as date_day,
        starts_on,
        confirmed_on,
        raw_grade,
        previous_raw_grade,
        raw_grade_days_before,
        grade_before
    from carried

),

confirmed as (

    select
        series_number,
        date_day,
        case when date_day >= confirmed_on then raw_grade else grade_before end as last_grade,
        coalesce(raw_grade, previous_raw_grade) as last_raw_grade,
        case
            when raw_grade is null then raw_grade_days_before
            else raw_grade_days_before + {{ days_between('starts_on', 'date_day') }} + 1
        end as last_raw_grade_days
    from confirmed_days

),
{% endmacro %}
