{#
    Tables and views by two statements in one transaction. dbt's own build beside the old relation, rename both and drop
    the old one, for engines that cannot replace a table at once; here that was a third of a small build.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set existing_relation = load_cached_relation(this) %}
    {{ run_hooks(pre_hooks) }}
    {% if model.language == 'python' %}
        {# such a model may read its rows of before, so it is made beside them #}
        {% set made_first = make_intermediate_relation(target_relation) %}
        {% do drop_relation_if_exists(load_cached_relation(made_first)) %}
        {% call statement('main', language='python') %}
            {{- create_table_as(false, made_first, compiled_code, 'python') }}
        {% endcall %}
        {% do drop_relation_if_exists(existing_relation) %}
        {% do adapter.rename_relation(made_first, target_relation) %}
    {% else %}
        {% call statement('main') %}
            {{ drop_if_there(existing_relation) }}
            {{ create_table_as(false, target_relation, compiled_code) }}
        {% endcall %}
    {% endif %}
    {% do create_indexes(target_relation) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='view') %}
    {% set existing_relation = load_cached_relation(this) %}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') %}
        {{ drop_if_there(existing_relation) }}
        {{ create_view_as(target_relation, compiled_code) }}
    {% endcall %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro drop_if_there(relation) -%}
    {% if relation is not none %}drop {{ relation.type }} if exists {{ relation }};{% endif %}
{%- endmacro %}
