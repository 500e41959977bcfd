-- Grain: one row per account, day of the index and scorecard.
-- The confirmed grade is the latest grade of the day that was held on grade_confirm_days scored days in a row; the first
-- scored day and a rule set it at once; days without a score neither count nor break a run.
{{
    config(
        materialized='incremental',
        incremental_strategy='day_range',
        layer='scores',
        pre_hook='{{ join_as_written() }}',
        post_hook='{{ join_as_planned() }}',
    )
}}

with

ruled_scores as (

    select * from {{ ref('int_ruled_scores') }}
    where date_day >= {{ rebuild_from('scores') }}

),

-- one number instead of two names, and no column but those that decide, where all history has to be put in order
series as (

    select
        account_id,
        scorecard,
        max(date_day) as last_day,
        row_number() over (order by account_id, scorecard) as series_number
    from ruled_scores
    group by 1, 2

),

scores as (

    select
        ruled_scores.*,
        series.series_number
    from ruled_scores
    inner join series
        on ruled_scores.account_id = series.account_id
        and ruled_scores.scorecard = series.scorecard

),

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

overrides as (

    select * from {{ ref('int_override_periods') }}

),

overridden as (

    select
        scores.series_number,
        scores.date_day,
        overrides.override_grade,
        row_number() over (
            partition by scores.series_number, scores.date_day
            order by overrides.starts_on desc, overrides.override_id
        ) as precedence
    from scores
    inner join overrides
        on scores.account_id = overrides.account_id
        and scores.scorecard = coalesce(overrides.scorecard, scores.scorecard)
        and scores.date_day >= overrides.starts_on
        and scores.date_day < overrides.ends_on

),

final as (

    select
        scores.account_id,
        scores.date_day,
        scores.scorecard,
        scores.scorecard_version,
        scores.desired_outcome,
        scores.is_primary,
        scores.proactive_score,
        scores.reactive_score,
        scores.proactive_coverage,
        scores.reactive_coverage,
        scores.health_score_before_rules,
        scores.health_score,
        scores.score_coverage,
        scores.score_status,
        scores.rule_applied,
        scores.raw_grade,
        case when scores.raw_grade is not null then confirmed.last_grade end as grade,
        overridden.override_grade,
        confirmed.last_grade,
        confirmed.last_raw_grade,
        cast(confirmed.last_raw_grade_days as integer) as last_raw_grade_days
    from scores
    inner join confirmed
        on scores.series_number = confirmed.series_number
        and scores.date_day = confirmed.date_day
    left join overridden
        on scores.series_number = overridden.series_number
        and scores.date_day = overridden.date_day
        and overridden.precedence = 1

)

select * from final
