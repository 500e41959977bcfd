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
