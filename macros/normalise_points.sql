{#
    The one place where a value becomes points.

    Straight from 0 points at `floor` to 100 at `target`, clipped at both ends; a floor above the target means that
    lower is better. Between two breakpoints of a curve it is the same line with other points at its ends.
#}
{% macro normalise_points(value, floor, target, points_at_floor=0, points_at_target=100) -%}
    ({{ points_at_floor }} + ({{ points_at_target }} - {{ points_at_floor }})
        * least(1, greatest(0, ({{ value }} - {{ floor }}) / nullif({{ target }} - {{ floor }}, 0))))
{%- endmacro %}

{# The values of value_status. value_statuses.csv says the same to readers; a test compares them. #}
{% macro value_statuses() -%}
    {{ return(statuses_that_earn() + ['stale', 'not_applicable', 'too_early', 'not_instrumented', 'no_base']) }}
{%- endmacro %}

{% macro statuses_that_earn() -%}{{ return(['observed', 'zero']) }}{%- endmacro %}

{# Is the metric worth points today? #}
{% macro earns_points(value_status) -%}
    {{ value_status }} in ('{{ statuses_that_earn() | join("', '") }}')
{%- endmacro %}

{#
    Where `standing` lies among those of its peers, from 0 (the worst) to 1: percent rank, ties sharing the middle of
    the ranks that they take up, so that the most common value is neither punished nor rewarded for being common.
#}
{% macro middle_rank_percentile(peers, standing) -%}
    coalesce(
        (rank() over (partition by {{ peers }} order by {{ standing }} nulls last) - 1
            + (count(*) over (partition by {{ peers }}, {{ standing }}) - 1) / 2e0)
            / nullif(count(*) over (partition by {{ peers }}) - 1, 0),
        0.5e0
    )
{%- endmacro %}
