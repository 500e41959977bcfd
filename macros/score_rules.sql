{#
    How a rule limits a score, and which grade the result has. The same for the scorecards in force and for challengers.

    One rule decides: that of the highest priority, and a floor before a cap. Returns the columns of `scores` (a row per
    account, day, scorecard and version), shown_score_before_rules, health_score (both null where no score is shown),
    rule_applied and raw_grade. `grades` are the rows of grades.csv.
#}
{% macro ruled_scores(scores, rule_hits, grades) -%}
    with grade_ranges as (

        select
            *,
            coalesce(lead(min_score) over (partition by version order by min_score nulls last), 1000) as below_score
        from {{ grades }}

    ),

    deciding_hits as (

        select
            scores.account_id,
            scores.date_day,
            scores.scorecard,
            scores.scorecard_version,
            rule_hits.rule,
            rule_hits.effect,
            rule_hits.limit_points,
            row_number() over (
                partition by scores.account_id, scores.date_day, scores.scorecard, scores.scorecard_version
                order by
                    rule_hits.priority desc nulls last,
                    case rule_hits.effect when 'floor' then 0 else 1 end,
                    rule_hits.rule nulls last
            ) as precedence
        from {{ scores }} as scores
        inner join {{ rule_hits }} as rule_hits
            on scores.account_id = rule_hits.account_id
            and scores.date_day = rule_hits.date_day
            and (rule_hits.scorecard = scores.scorecard or rule_hits.scorecard = 'all')

    ),

    limited as (

        select
            scores.*,
            case when scores.score_status <> 'not_scored' then scores.health_score_before_rules end
                as shown_score_before_rules,
            deciding_hits.rule as deciding_rule,
            case
                when scores.score_status = 'not_scored' then null
                when deciding_hits.effect = 'cap'
                    then least(scores.health_score_before_rules, deciding_hits.limit_points)
                when deciding_hits.effect = 'floor'
                    then greatest(scores.health_score_before_rules, deciding_hits.limit_points)
                else scores.health_score_before_rules
            end as health_score
        from {{ scores }} as scores
        left join deciding_hits
            on scores.account_id = deciding_hits.account_id
            and scores.date_day = deciding_hits.date_day
            and scores.scorecard = deciding_hits.scorecard
            and scores.scorecard_version = deciding_hits.scorecard_version
            and deciding_hits.precedence = 1

    )

    select
        limited.*,
        -- a rule that would not have moved the score has not been applied
        case when limited.health_score <> limited.health_score_before_rules then limited.deciding_rule end
            as rule_applied,
        grade_ranges.grade as raw_grade
    from limited
    left join grade_ranges
        on limited.health_score >= grade_ranges.min_score
        and limited.health_score < grade_ranges.below_score
        and limited.date_day >= grade_ranges.effective_from
        and limited.date_day < coalesce(grade_ranges.effective_to, {{ open_end() }})
{%- endmacro %}
