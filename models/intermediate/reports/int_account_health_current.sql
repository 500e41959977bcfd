-- Grain: one row per account and scorecard on the last day: what a customer success manager reads before calling.
-- Numbers are rounded for reading; fct_health_scores and fct_score_drivers hold them exactly.
with

scores as (

    select * from {{ ref('int_current_scores') }}

),

drivers as (

    select
        account_id,
        scorecard,
        {%- for place in [1, 2, 3] %}
        max(case when side = 'up' and place = {{ place }} then sentence end) as driver_up_{{ place }},
        max(case when side = 'down' and place = {{ place }} then sentence end) as driver_down_{{ place }},
        {%- endfor %}
        max(case when side = 'down' and place = 1 and loss >= 1 then label end) as largest_loss,
        max(case when side = 'missing' and place = 1 then label end) as largest_gap,
        {{ sorted_list("case when side = 'missing' then sentence end") }} as missing
    from {{ ref('int_current_drivers') }}
    group by 1, 2

),

causes as (

    select * from {{ ref('int_current_causes') }}

),

overrides as (

    select * from {{ ref('int_current_overrides') }}

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

score_rules as (

    select
        rule,
        reason,
        row_number() over (partition by rule order by version desc) as newest_first
    from {{ ref('score_rules') }}
    where {{ is_in_force() }}

),

renewal_probabilities as (

    select * from {{ ref('int_renewal_probabilities') }}

),

-- who pays for nothing, or not any more, has nothing to renew
paying_accounts as (

    select account_id from {{ ref('int_paid_spells') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

combined as (

    select
        scores.*,
        -- an override that names no grade is a finding, not a grade
        coalesce(grades.grade, scores.grade) as shown_grade
    from scores
    left join grades
        on scores.override_grade = grades.grade

),

final as (

    select
        combined.account_id,
        accounts.account_name,
        combined.scorecard,
        outcomes.label as outcome_label,
        combined.is_primary,
        combined.date_day,
        accounts.segment,
        accounts.csm_id,
        coalesce(accounts.csm_name, 'none') as csm_name,
        cast(accounts.mrr_usd as decimal(18, 2)) as mrr_usd,
        accounts.tenure_days,
        accounts.is_in_grace,
        round(combined.health_score, 1) as health_score,
        combined.grade,
        combined.override_grade,
        combined.shown_grade,
        coalesce(grades.grade_label, 'No score') as grade_label,
        coalesce(grades.meaning, 'Too little is known about this account for a score') as grade_meaning,
        case
            when combined.shown_grade <> combined.grade then 'Given by a person; the computed grade is ' || combined.grade
            when combined.raw_grade <> combined.grade
                then 'The score of this day alone reads as ' || combined.raw_grade
                    || ', which counts once it has held for {{ var('grade_confirm_days') }} days'
            else 'none'
        end as grade_note,
        coalesce(overrides.override_in_words, 'none') as override_in_words,
        overrides.override_expires_on,
        coalesce(score_rules.reason, 'none') as rule_in_words,
        round(combined.health_score_before_rules, 1) as health_score_before_rules,
        round(combined.score_coverage, 2) as score_coverage,
        combined.score_status,
        case
            when combined.score_status = 'scored' and combined.score_coverage >= 0.9 then 'high'
            when combined.score_status = 'scored' then 'good'
            when combined.score_status = 'provisional' then 'low, take the score as a first hint'
            else 'too low for a score'
        end || ': ' || {{ percent_in_words('floor(100 * combined.score_coverage)') }}
        || ' of what this score looks at is known' as confidence,
        round(combined.score_7d_ago, 1) as score_7d_ago,
        round(combined.score_28d_ago, 1) as score_28d_ago,
        round(combined.score_90d_ago, 1) as score_90d_ago,
        round(combined.change_28d_points, 1) as change_28d_points,
        combined.is_fast_drop,
        combined.fast_drop_since_on,
        case
            when combined.health_score is null then 'no score today'
            when combined.score_28d_ago is null then 'no score 28 days ago to compare with'
            else coalesce(causes.sentence, 'hardly any change')
        end as main_cause_28d,
        {%- for side in ['up', 'down'] %}
        {%- for place in [1, 2, 3] %}
        coalesce(drivers.driver_{{ side }}_{{ place }}, 'none') as driver_{{ side }}_{{ place }},
        {%- endfor %}
        {%- endfor %}
        coalesce(replace(drivers.missing, ';', '; '), 'none') as not_known,
        case when accounts.is_in_grace then 'The contract has ended: find out today whether the customer stays. ' else '' end
        || case
            when combined.score_status = 'provisional' then 'Little is known yet, so check with the customer first. '
            else ''
        end
        || coalesce(grades.playbook, 'Ask the customer how things stand, and note it as a pulse')
        || coalesce(
            '. A rule is at work: ' || score_rules.reason,
            '. Largest loss: ' || drivers.largest_loss,
            case when combined.shown_grade is null then '. Largest gap in what is known: ' || drivers.largest_gap end,
            ''
        ) as next_step,
        case when paying_accounts.account_id is not null then round(renewal_probabilities.renewal_probability, 3) end
            as renewal_probability,
        case when paying_accounts.account_id is not null then round(renewal_probabilities.renewal_probability_low, 3) end
            as renewal_probability_low,
        case when paying_accounts.account_id is not null then round(renewal_probabilities.renewal_probability_high, 3) end
            as renewal_probability_high
    from combined
    inner join accounts
        on combined.account_id = accounts.account_id
    left join outcomes
        on combined.desired_outcome = outcomes.desired_outcome
    left join grades
        on combined.shown_grade = grades.grade
    left join score_rules
        on combined.rule_applied = score_rules.rule
        and score_rules.newest_first = 1
    left join overrides
        on combined.account_id = overrides.account_id
        and combined.scorecard = overrides.scorecard
    left join paying_accounts
        on combined.account_id = paying_accounts.account_id
    left join renewal_probabilities
        on combined.scorecard = renewal_probabilities.scorecard
        and combined.grade = renewal_probabilities.grade
    left join drivers
        on combined.account_id = drivers.account_id
        and combined.scorecard = drivers.scorecard
    left join causes
        on combined.account_id = causes.account_id
        and combined.scorecard = causes.scorecard

)

select * from final
