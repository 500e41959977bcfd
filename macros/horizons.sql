{#
    Within how many days an account must have left to count, where reports about renewals say what became of others: one
    of the horizons by which outcomes are judged, so that there are rows of it.
#}
{% macro renewal_outcome_horizon() -%}
    {%- set asked = var('renewal_outcome_horizon_days') -%}
    {%- set horizons = var('outcome_horizons') -%}
    {%- set no_longer = horizons | select('le', var('renewal_horizon_days')) | list -%}
    {{- asked if asked else (no_longer | max if no_longer else horizons | min) -}}
{%- endmacro %}

{# How many days before somebody leaves a metric is asked: in months, as terms of notice are. #}
{% macro lead_times() -%}
    {{ return([(1, 30), (31, 60), (61, 90), (91, 180), (61, 180)]) }}
{%- endmacro %}

{# All spans of days by which anything is judged, the longest first. #}
{% macro judged_days() -%}
    {%- set spans = var('outcome_horizons') + [renewal_outcome_horizon() | int] -%}
    {{ return((spans + lead_times() | map('last') | list) | unique | sort(reverse=true) | list) }}
{%- endmacro %}
