{#
    The one place where points become a score.

    Of a scorecard's weighted metrics, N are applicable to the account on that day and A of them earned points. Coverage
    of a side is the weight of A over the weight of N. A side with little coverage fades out smoothly: at
    min_side_coverage it counts in full, below in proportion, so there is no cliff when a side is thin or empty.
    side_units tells of a weight which side it counts on; side_sums aggregates rows of these, value_status and points
    (`weighted`); the others read its columns (`sides`).

    Units are weights in whole trillionths. A double holds whole numbers exactly up to 9e15, which is 9,000 weighted
    points, so these sums do not depend on the order of their parts. Sums of decimals do not either, and take twice the
    memory.
#}
{% macro side_units(weights) -%}
    {%- for side in ['proactive', 'reactive'] %}
        case when {{ weights }}.motion = '{{ side }}' then round(1e12 * cast({{ weights }}.weight as double)) end
            as {{ side }}_units{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro side_sums(weighted) -%}
    {%- for side in ['proactive', 'reactive'] %}
        coalesce(sum(
            case when {{ weighted }}.value_status <> 'not_applicable' then {{ weighted }}.{{ side }}_units end
        ), 0) / 1e12 as {{ side }}_applicable_weight,
        coalesce(sum(
            case when {{ weighted }}.points is not null then {{ weighted }}.{{ side }}_units end
        ), 0) / 1e12 as {{ side }}_earned_weight,
        sum(round({{ weighted }}.{{ side }}_units * {{ weighted }}.points)) / 1e12
            as {{ side }}_weighted_points{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro side_coverage(sides, side) -%}
    coalesce({{ sides }}.{{ side }}_earned_weight / nullif({{ sides }}.{{ side }}_applicable_weight, 0), 0)
{%- endmacro %}

{% macro side_strength(sides, side) -%}
    least(1, {{ side_coverage(sides, side) }} / nullif({{ var_as_double('min_side_coverage') }}, 0))
{%- endmacro %}

{# Null when neither side knows anything. #}
{% macro side_share(sides, side) -%}
    ({{ side_strength(sides, side) }}
        / nullif({{ side_strength(sides, 'proactive') }} + {{ side_strength(sides, 'reactive') }}, 0))
{%- endmacro %}

{# Both sides' weights are scaled to 50, so the plain ratio is the share of the whole scorecard. #}
{% macro score_coverage(sides) -%}
    coalesce(
        ({{ sides }}.proactive_earned_weight + {{ sides }}.reactive_earned_weight)
            / nullif({{ sides }}.proactive_applicable_weight + {{ sides }}.reactive_applicable_weight, 0),
        0
    )
{%- endmacro %}

{% macro score_status(sides) -%}
    case
        when {{ score_coverage(sides) }} >= {{ var_as_double('scored_min_coverage') }}
            and {{ side_coverage(sides, 'proactive') }} >= {{ var_as_double('min_side_coverage') }}
            and {{ side_coverage(sides, 'reactive') }} >= {{ var_as_double('min_side_coverage') }}
            then 'scored'
        when {{ score_coverage(sides) }} >= {{ var_as_double('provisional_min_coverage') }} then 'provisional'
        else 'not_scored'
    end
{%- endmacro %}

{% macro side_score(sides, side) -%}
    ({{ sides }}.{{ side }}_weighted_points / nullif({{ sides }}.{{ side }}_earned_weight, 0))
{%- endmacro %}

{% macro weighted_score(sides) -%}
    (coalesce({{ side_share(sides, 'proactive') }} * {{ side_score(sides, 'proactive') }}, 0)
        + coalesce({{ side_share(sides, 'reactive') }} * {{ side_score(sides, 'reactive') }}, 0))
{%- endmacro %}

{#
    The part of a score of `sides` that one metric decides; 0 where it earned no points. The parts of a score sum to 1.
#}
{% macro effective_weight(sides, motion, weight, points) -%}
    case
        when {{ points }} is null then 0
        when {{ motion }} = 'proactive'
            then {{ side_share(sides, 'proactive') }} * {{ weight }} / nullif({{ sides }}.proactive_earned_weight, 0)
        else {{ side_share(sides, 'reactive') }} * {{ weight }} / nullif({{ sides }}.reactive_earned_weight, 0)
    end
{%- endmacro %}
