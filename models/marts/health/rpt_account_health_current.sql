-- Grain: one row per account and scorecard on the last day: what a customer success manager reads before calling.
-- The public face of int_account_health_current, for one version with the sentences of int_account_health_words beside
-- it.
{{ config(materialized='view') }}

with

current_health as (

    select * from {{ ref('int_account_health_current') }}

),

words as (

    select * from {{ ref('int_account_health_words') }}

),

final as (

    select
        current_health.account_id,
        current_health.account_name,
        current_health.scorecard,
        current_health.outcome_label,
        current_health.is_primary,
        current_health.date_day,
        current_health.segment,
        current_health.csm_id,
        current_health.csm_name,
        current_health.mrr_usd,
        current_health.tenure_days,
        current_health.is_in_grace,
        current_health.health_score,
        current_health.grade,
        current_health.raw_grade,
        current_health.override_grade,
        current_health.shown_grade,
        current_health.grade_label,
        words.grade_meaning,
        current_health.grade_note_code,
        words.grade_note,
        current_health.override_by,
        current_health.override_reason,
        words.override_in_words,
        current_health.override_expires_on,
        current_health.rule_applied,
        words.rule_in_words,
        current_health.health_score_before_rules,
        current_health.score_coverage,
        current_health.score_status,
        current_health.confidence_level,
        words.confidence,
        current_health.score_7d_ago,
        current_health.score_28d_ago,
        current_health.score_90d_ago,
        current_health.change_28d_points,
        current_health.is_fast_drop,
        current_health.fast_drop_since_on,
        current_health.cause_effect,
        current_health.cause_metric,
        current_health.cause_points,
        words.main_cause_28d,
        current_health.driver_up_1_metric,
        current_health.driver_up_1_value,
        current_health.driver_up_1_points,
        current_health.driver_up_1_contribution,
        words.driver_up_1,
        current_health.driver_up_2_metric,
        current_health.driver_up_2_value,
        current_health.driver_up_2_points,
        current_health.driver_up_2_contribution,
        words.driver_up_2,
        current_health.driver_up_3_metric,
        current_health.driver_up_3_value,
        current_health.driver_up_3_points,
        current_health.driver_up_3_contribution,
        words.driver_up_3,
        current_health.driver_down_1_metric,
        current_health.driver_down_1_value,
        current_health.driver_down_1_points,
        current_health.driver_down_1_loss,
        words.driver_down_1,
        current_health.driver_down_2_metric,
        current_health.driver_down_2_value,
        current_health.driver_down_2_points,
        current_health.driver_down_2_loss,
        words.driver_down_2,
        current_health.driver_down_3_metric,
        current_health.driver_down_3_value,
        current_health.driver_down_3_points,
        current_health.driver_down_3_loss,
        words.driver_down_3,
        current_health.not_known_metrics,
        words.not_known,
        current_health.next_step_code,
        current_health.next_step_metric,
        words.next_step,
        current_health.renewal_probability,
        current_health.renewal_probability_low,
        current_health.renewal_probability_high
    from current_health
    inner join words
        on current_health.account_id = words.account_id
        and current_health.scorecard = words.scorecard

)

select * from final
