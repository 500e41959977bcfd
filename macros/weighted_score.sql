{#
    The one place where points become a score.

    Of a scorecard's weighted metrics, N are applicable to the account on that day and A of them earned points. Coverage
    of a side is the weight of A over the weight of N. A side with little coverage fades out smoothly: at
    min_side_coverage it counts in full, below in proportion, so there is no cliff when a side is thin or empty.
    side_units tells of a weight which side it counts on; side_sums aggregates rows of these, value_status and points; the
    others read its columns.

    Units are weights in whole trillionths. A double holds whole numbers exactly up to 9e15, which is 9,000 weighted points,
    so these sums do not depend on the order of their parts. Sums of decimals do not either, and take twice the memory.
#}
{% macro side_units(weights) -%}
    {%- for side in ['proactive', 'reactive'] %}
        case when {{ weights }}.motion = '{{ side }}' then round(1e12 * cast({{ weights }}.weight as double)) end as {{ side }}_units{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro side_sums() -%}
    {%- for side in ['proactive', 'reactive'] %}
        coalesce(sum(case when value_status <> 'not_applicable' then {{ side }}_units end), 0) / 1e12 as {{ side }}_applicable_weight,
        coalesce(sum(case when points is not null then {{ side }}_units end), 0) / 1e12 as {{ side }}_earned_weight,
        sum(round({{ side }}_units * points)) / 1e12 as {{ side }}_weighted_points{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro side_coverage(side) -%}
    coalesce({{ side }}_earned_weight / nullif({{ side }}_applicable_weight, 0), 0)
{%- endmacro %}

{% macro side_strength(side) -%}
    least(1, {{ side_coverage(side) }} / {{ var('min_side_coverage') }})
{%- endmacro %}

{# Null when neither side knows anything. #}
{% macro side_share(side) -%}
    ({{ side_strength(side) }} / nullif({{ side_strength('proactive') }} + {{ side_strength('reactive') }}, 0))
{%- endmacro %}

{# Both sides' weights are scaled to 50, so the plain ratio is the share of the whole scorecard. #}
{% macro score_coverage() -%}
    coalesce(
        (proactive_earned_weight + reactive_earned_weight)
            / nullif(proactive_applicable_weight + reactive_applicable_weight, 0),
        0
    )
{%- endmacro %}

{% macro score_status() -%}
    case
        when {{ score_coverage() }} >= {{ var('scored_min_coverage') }}
            and {{ side_coverage('proactive') }} >= {{ var('min_side_coverage') }}
            and {{ side_coverage('reactive') }} >= {{ var('min_side_coverage') }}
            then 'scored'
        when {{ score_coverage() }} >= {{ var('provisional_min_coverage') }} then 'provisional'
        else 'not_scored'
    end
{%- endmacro %}

{% macro side_score(side) -%}
    ({{ side }}_weighted_points / nullif({{ side }}_earned_weight, 0))
{%- endmacro %}

{% macro weighted_score() -%}
    (coalesce({{ side_share('proactive') }} * {{ side_score('proactive') }}, 0)
        + coalesce({{ side_share('reactive') }} * {{ side_score('reactive') }}, 0))
{%- endmacro %}

{# The part of a score that one metric decides; 0 where it earned no points. The parts of a score sum to 1. #}
{% macro effective_weight(motion, weight, points) -%}
    case
        when {{ points }} is null then 0
        when {{ motion }} = 'proactive' then {{ side_share('proactive') }} * {{ weight }} / nullif(proactive_earned_weight, 0)
        else {{ side_share('reactive') }} * {{ weight }} / nullif(reactive_earned_weight, 0)
    end
{%- endmacro %}
