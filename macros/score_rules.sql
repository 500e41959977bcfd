{#
    How a rule limits a score, and which grade the result has. The same for the scorecards in force and for challengers.

    One rule decides: that of the highest priority, and a floor before a cap. Both macros are read as common table
    expressions: `deciding_rules` of scores by account, day, scorecard and version; `grades_by_score` beside them.
#}
{% macro deciding_rules(scores, rule_hits) -%}
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
            order by rule_hits.priority desc, case rule_hits.effect when 'floor' then 0 else 1 end, rule_hits.rule
        ) as precedence
    from {{ rule_hits }} as rule_hits
    inner join {{ scores }} as scores
        on rule_hits.account_id = scores.account_id
        and rule_hits.date_day = scores.date_day
        and (rule_hits.scorecard = scores.scorecard or rule_hits.scorecard = 'all')
{%- endmacro %}

{# Null where the score is not shown. #}
{% macro score_after_rule(scores, deciding) -%}
    case
        when {{ scores }}.score_status = 'not_scored' then null
        when {{ deciding }}.effect = 'cap' then least({{ scores }}.health_score_before_rules, {{ deciding }}.limit_points)
        when {{ deciding }}.effect = 'floor' then greatest({{ scores }}.health_score_before_rules, {{ deciding }}.limit_points)
        else {{ scores }}.health_score_before_rules
    end
{%- endmacro %}

{% macro grades_by_score() -%}
    select
        *,
        coalesce(lead(min_score) over (partition by version order by min_score), 1000) as below_score
    from {{ ref('grades') }}
{%- endmacro %}
