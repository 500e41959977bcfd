-- Grain: one row per account, day of the index and scorecard.
-- The confirmed grade is the latest grade of the day that was held on grade_confirm_days scored days in a row; the first
-- scored day and a rule set it at once; days without a score neither count nor break a run.
{{ config(materialized='incremental', incremental_strategy='day_range', layer='scores') }}

with

new_days as (

    select
        *,
        cast(null as {{ dbt.type_string() }}) as last_grade,
        1 as days_held
    from {{ ref('int_ruled_scores') }}
    where date_day >= {{ rebuild_from('scores') }}

),

-- the left margin: the day before the first rebuilt one stands in for all history
scores as (

    select
        account_id, date_day, scorecard, scorecard_version, desired_outcome, is_primary, proactive_score, reactive_score,
        proactive_coverage, reactive_coverage, health_score_before_rules, health_score, score_coverage, score_status,
        rule_applied, raw_grade, last_grade, days_held, false as is_margin
    from new_days
    {% if is_incremental() %}
    union all
    select
        account_id, date_day, scorecard, scorecard_version, desired_outcome, is_primary, proactive_score, reactive_score,
        proactive_coverage, reactive_coverage, health_score_before_rules, health_score, score_coverage, score_status,
        rule_applied, last_raw_grade as raw_grade, last_grade, last_raw_grade_days as days_held, true as is_margin
    from {{ this }}
    where date_day = {{ add_days(rebuild_from('scores'), -1) }}
    {% endif %}

),

-- stretches without a missing day: after a gap, everything starts anew
stretches as (

    select
        *,
        {{ day_number('date_day') }} - row_number() over (
            partition by account_id, scorecard order by date_day
        ) as stretch
    from scores

),

graded as (

    select
        *,
        lag(raw_grade) over (partition by account_id, scorecard, stretch order by date_day) as previous_raw_grade
    from stretches
    where raw_grade is not null

),

runs as (

    select
        *,
        sum(case when raw_grade = previous_raw_grade then 0 else 1 end) over (
            partition by account_id, scorecard, stretch order by date_day
            rows between unbounded preceding and current row
        ) as run_number
    from graded

),

held as (

    select
        *,
        sum(days_held) over (
            partition by account_id, scorecard, stretch, run_number order by date_day
            rows between unbounded preceding and current row
        ) as raw_grade_days
    from runs

),

confirmations as (

    select
        *,
        case
            when is_margin then last_grade
            when previous_raw_grade is null
                or rule_applied is not null
                or raw_grade_days >= {{ var('grade_confirm_days') }}
                then raw_grade
        end as newly_confirmed_grade
    from held

),

confirmed as (

    select
        *,
        {{ last_known('newly_confirmed_grade', 'account_id, scorecard, stretch', 'date_day') }} as confirmed_grade
    from confirmations

),

carried as (

    select
        stretches.*,
        {{ last_known('confirmed.confirmed_grade', 'stretches.account_id, stretches.scorecard, stretches.stretch',
            'stretches.date_day') }} as carried_grade,
        {{ last_known('confirmed.raw_grade', 'stretches.account_id, stretches.scorecard, stretches.stretch',
            'stretches.date_day') }} as carried_raw_grade,
        {{ last_known('confirmed.raw_grade_days', 'stretches.account_id, stretches.scorecard, stretches.stretch',
            'stretches.date_day') }} as carried_raw_grade_days
    from stretches
    left join confirmed
        on stretches.account_id = confirmed.account_id
        and stretches.date_day = confirmed.date_day
        and stretches.scorecard = confirmed.scorecard

),

overrides as (

    select * from {{ ref('int_override_periods') }}

),

overridden as (

    select
        carried.account_id,
        carried.date_day,
        carried.scorecard,
        overrides.override_grade,
        row_number() over (
            partition by carried.account_id, carried.date_day, carried.scorecard
            order by overrides.starts_on desc, overrides.override_id
        ) as precedence
    from carried
    inner join overrides
        on carried.account_id = overrides.account_id
        and carried.scorecard = coalesce(overrides.scorecard, carried.scorecard)
        and carried.date_day >= overrides.starts_on
        and carried.date_day < overrides.ends_on

),

final as (

    select
        carried.account_id,
        carried.date_day,
        carried.scorecard,
        carried.scorecard_version,
        carried.desired_outcome,
        carried.is_primary,
        carried.proactive_score,
        carried.reactive_score,
        carried.proactive_coverage,
        carried.reactive_coverage,
        carried.health_score_before_rules,
        carried.health_score,
        carried.score_coverage,
        carried.score_status,
        carried.rule_applied,
        carried.raw_grade,
        case when carried.raw_grade is not null then carried.carried_grade end as grade,
        overridden.override_grade,
        carried.carried_grade as last_grade,
        carried.carried_raw_grade as last_raw_grade,
        cast(carried.carried_raw_grade_days as integer) as last_raw_grade_days
    from carried
    left join overridden
        on carried.account_id = overridden.account_id
        and carried.date_day = overridden.date_day
        and carried.scorecard = overridden.scorecard
        and overridden.precedence = 1
    where not carried.is_margin

)

select * from final
