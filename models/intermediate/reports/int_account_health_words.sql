-- Grain: one row per account and scorecard on the last day: every sentence that is said of it; empty where nothing is
-- to say.
with

standings as (

    select * from {{ ref('int_current_standings') }}

),

accounts as (

    select * from {{ ref('int_current_accounts') }}

),

overrides as (

    select * from {{ ref('int_current_overrides') }}

),

causes as (

    select * from {{ ref('int_current_cause_words') }}

),

drivers as (

    select * from {{ ref('int_current_driver_words') }}

),

grades as (

    select * from {{ ref('int_grades') }}
    where is_in_force

),

metrics as (

    select * from {{ ref('metrics') }}

),

score_rules as (

    select
        rule,
        reason,
        row_number() over (partition by rule order by version desc nulls last) as newest_first
    from {{ ref('score_rules') }}
    where {{ is_in_force() }}

),

final as (

    select
        standings.account_id,
        standings.scorecard,
        coalesce(grades.meaning, 'Too little is known about this account for a score') as grade_meaning,
        {{ grade_note_in_words(
            'standings.grade_note_code', 'standings.grade', 'standings.raw_grade', var('grade_confirm_days')
        ) }} as grade_note,
        {{ override_in_words(
            'overrides.override_grade',
            'overrides.override_by',
            'overrides.override_expires_on',
            'overrides.override_reason'
        ) }} as override_in_words,
        score_rules.reason as rule_in_words,
        {{ confidence_in_words('standings.confidence_level', 'standings.score_coverage') }} as confidence,
        case
            when standings.health_score is null then 'no score today'
            when standings.score_28d_ago is null then 'no score 28 days ago to compare with'
            else coalesce(causes.cause_in_words, 'hardly any change')
        end as main_cause_28d,
        {%- for side in ['up', 'down'] %}
        {%- for place in [1, 2, 3] %}
        drivers.driver_{{ side }}_{{ place }},
        {%- endfor %}
        {%- endfor %}
        drivers.not_known,
        {{ next_step_in_words(
            code='standings.next_step_code',
            playbook='grades.playbook',
            is_in_grace='accounts.is_in_grace',
            score_status='standings.score_status',
            rule_reason='score_rules.reason',
            label='metrics.label'
        ) }} as next_step
    from standings
    inner join accounts
        on standings.account_id = accounts.account_id
    left join grades
        on standings.shown_grade = grades.grade
    left join overrides
        on standings.account_id = overrides.account_id
        and standings.scorecard = overrides.scorecard
    left join score_rules
        on standings.rule_applied = score_rules.rule
        and score_rules.newest_first = 1
    left join metrics
        on standings.next_step_metric = metrics.metric
    left join causes
        on standings.account_id = causes.account_id
        and standings.scorecard = causes.scorecard
    left join drivers
        on standings.account_id = drivers.account_id
        and standings.scorecard = drivers.scorecard

)

select * from final
