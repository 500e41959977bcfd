-- Grain: one row per account and scorecard on the last day, in codes and numbers, rounded for reading.
with

standings as (

    select * from {{ ref('int_current_standings') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

outcomes as (

    select * from {{ ref('desired_outcomes') }}

),

grades as (

    select * from {{ ref('int_grades') }}
    where is_in_force

),

overrides as (

    select * from {{ ref('int_current_overrides') }}

),

causes as (

    select * from {{ ref('int_current_causes') }}

),

driver_places as (

    select * from {{ ref('int_current_driver_places') }}

),

chances as (

    select * from {{ ref('int_current_renewal_chances') }}

),

final as (

    select
        standings.account_id,
        accounts.account_name,
        standings.scorecard,
        outcomes.label as outcome_label,
        standings.is_primary,
        standings.date_day,
        accounts.segment,
        accounts.csm_id,
        accounts.csm_name,
        cast(accounts.mrr_usd as decimal(18, 2)) as mrr_usd,
        accounts.tenure_days,
        accounts.is_in_grace,
        round(standings.health_score, 1) as health_score,
        standings.grade,
        standings.raw_grade,
        standings.override_grade,
        standings.shown_grade,
        coalesce(grades.grade_label, 'No score') as grade_label,
        standings.grade_note_code,
        overrides.override_by,
        overrides.override_reason,
        overrides.override_expires_on,
        standings.rule_applied,
        round(standings.health_score_before_rules, 1) as health_score_before_rules,
        round(standings.score_coverage, 2) as score_coverage,
        standings.score_status,
        standings.confidence_level,
        {%- for days in [7, 28, 90] %}
        round(standings.score_{{ days }}d_ago, 1) as score_{{ days }}d_ago,
        {%- endfor %}
        round(standings.change_28d_points, 1) as change_28d_points,
        standings.is_fast_drop,
        standings.fast_drop_since_on,
        causes.cause_effect,
        causes.cause_metric,
        round(causes.cause_points, 1) as cause_points,
        {%- for side, moved in [('up', 'contribution'), ('down', 'loss')] %}
        {%- for place in [1, 2, 3] %}
        {%- set driver = 'driver_' ~ side ~ '_' ~ place %}
        driver_places.{{ driver }}_metric,
        driver_places.{{ driver }}_value,
        round(driver_places.{{ driver }}_points, 1) as {{ driver }}_points,
        round(driver_places.{{ driver }}_{{ moved }}, 1) as {{ driver }}_{{ moved }},
        {%- endfor %}
        {%- endfor %}
        driver_places.not_known_metrics,
        standings.next_step_code,
        standings.next_step_metric,
        round(chances.renewal_probability, 3) as renewal_probability,
        round(chances.renewal_probability_low, 3) as renewal_probability_low,
        round(chances.renewal_probability_high, 3) as renewal_probability_high
    from standings
    inner join accounts
        on standings.account_id = accounts.account_id
    left join outcomes
        on standings.desired_outcome = outcomes.desired_outcome
    left join grades
        on standings.shown_grade = grades.grade
    left join overrides
        on standings.account_id = overrides.account_id
        and standings.scorecard = overrides.scorecard
    left join causes
        on standings.account_id = causes.account_id
        and standings.scorecard = causes.scorecard
    left join driver_places
        on standings.account_id = driver_places.account_id
        and standings.scorecard = driver_places.scorecard
    left join chances
        on standings.account_id = chances.account_id
        and standings.scorecard = chances.scorecard

)

select * from final
