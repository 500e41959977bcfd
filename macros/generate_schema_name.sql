{% macro generate_schema_name(custom_schema_name, node) -%}
    {# schemas carry the folders' names, whatever the target: BI tools read health.fct_health_scores everywhere #}
    {{- custom_schema_name if custom_schema_name else target.schema -}}
{%- endmacro %}
