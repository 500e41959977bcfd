{% macro generate_database_name(custom_database_name, node) -%}
    {#
        A what-if computes the models that carry its tag, from the seeds of an edited configuration, in a database of
        its own. Everything else stands as it was built.
    #}
    {%- if target.name == 'what_if' and node.resource_type == 'model' and 'what_if' not in node.config.tags -%}
        build
    {%- else -%}
        {{ custom_database_name if custom_database_name else target.database }}
    {%- endif -%}
{%- endmacro %}
