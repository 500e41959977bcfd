-- Grain: one row per account and scorecard on the last day: its score with what decides which sentences are said of it.
with

scores as (

    select * from {{ ref('int_current_scores') }}

),

driver_places as (

    select * from {{ ref('int_current_driver_places') }}

),

grades as (

    select * from {{ ref('int_grades') }}
    where is_in_force

),

graded as (

    select
        scores.*,
        -- an override that names no grade is a finding, not a grade
        coalesce(grades.grade, scores.grade) as shown_grade
    from scores
    left join grades
        on scores.override_grade = grades.grade

),

coded as (

    select
        graded.*,
        case
            when graded.shown_grade <> graded.grade then 'overridden'
            when graded.raw_grade <> graded.grade then 'unconfirmed'
        end as grade_note_code,
        case
            when graded.score_status = 'scored' and graded.score_coverage >= 0.9e0 then 'high'
            when graded.score_status = 'scored' then 'good'
            when graded.score_status = 'provisional' then 'low'
            else 'too_low'
        end as confidence_level,
        case
            when graded.rule_applied is not null then 'rule'
            when driver_places.driver_down_1_loss >= 1 then 'largest_loss'
            when graded.shown_grade is null and driver_places.largest_gap_metric is not null then 'largest_gap'
        end as next_step_code,
        driver_places.driver_down_1_metric as largest_loss_metric,
        driver_places.largest_gap_metric
    from graded
    left join driver_places
        on graded.account_id = driver_places.account_id
        and graded.scorecard = driver_places.scorecard

),

final as (

    select
        account_id,
        scorecard,
        desired_outcome,
        is_primary,
        date_day,
        health_score_before_rules,
        health_score,
        score_coverage,
        score_status,
        confidence_level,
        rule_applied,
        raw_grade,
        grade,
        override_grade,
        shown_grade,
        grade_note_code,
        score_7d_ago,
        score_28d_ago,
        score_90d_ago,
        change_28d_points,
        is_fast_drop,
        fast_drop_since_on,
        next_step_code,
        case next_step_code
            when 'largest_loss' then largest_loss_metric
            when 'largest_gap' then largest_gap_metric
        end as next_step_metric
    from coded

)

select * from final
