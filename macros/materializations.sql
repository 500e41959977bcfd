{#
    How this project keeps what dbt computes in DuckDB: a node whose inputs are those of last time is left as it is
    (ledger.sql), everything else is replaced in one transaction. dbt's own build beside the old relation, rename both
    and drop the old one, for engines that cannot replace a table at once; here that was a third of a small build.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set inputs = inputs_of_this_node(compiled_code) %}
    {% if existing_relation is not none and is_as_it_was(inputs) %}
        {% do leave_as_it_is() %}
    {% else %}
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
            {% do create_indexes(target_relation) %}
            {% do write_into_ledger(inputs, target_relation) %}
        {% else %}
            {% do replace_table(existing_relation, target_relation, inputs) %}
        {% endif %}
        {% do finish(target_relation) %}
    {% endif %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='view') %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set inputs = inputs_of_this_node(compiled_code) %}
    {% if existing_relation is not none and is_as_it_was(inputs) %}
        {% do leave_as_it_is() %}
    {% else %}
        {{ run_hooks(pre_hooks) }}
        {% call statement('main', fetch_result=true) %}
            {{ drop_if_there(existing_relation) }}
            {{ create_view_as(target_relation, compiled_code) }}
            {{ ledger_row(inputs, target_relation) }}
        {% endcall %}
        {% do know_ledger_row('main') %}
        {% do finish(target_relation) %}
    {% endif %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The strategies are in incremental.sql; a statement that touches no row says that nothing has changed. #}
{% materialization incremental, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set inputs = inputs_of_this_node(compiled_code) %}
    {% if existing_relation is not none and is_as_it_was(inputs) %}
        {% do leave_as_it_is() %}
    {% else %}
        {{ run_hooks(pre_hooks) }}
        {% if existing_relation is none or not existing_relation.is_table or should_full_refresh() %}
            {% do replace_table(existing_relation, target_relation, inputs, has_changed=true) %}
        {% else %}
            {% set computed = make_temp_relation(target_relation) %}
            {% call statement('computed') %}{{ create_table_as(true, computed, compiled_code) }}{% endcall %}
            {% set changes = process_schema_changes(config.get('on_schema_change'), computed, existing_relation) %}
            {% set arguments = {
                'target_relation': target_relation, 'temp_relation': computed, 'unique_key': config.get('unique_key'),
                'dest_columns': changes or adapter.get_columns_in_relation(existing_relation),
                'incremental_predicates': none
            } %}
            {% set touched = [] %}
            {% for sql in incremental_statements(arguments) %}
                {% call statement('main', fetch_result=true) %}{{ sql }}{% endcall %}
                {% if load_result('main').table.columns[0].values()[0] %}
                    {% do touched.append(sql) %}
                {% endif %}
            {% endfor %}
            {% call statement('cleared', fetch_result=true) %}
                drop table {{ computed }} {{- ledger_row(inputs, target_relation, has_changed=touched | length > 0) }}
            {% endcall %}
            {% do know_ledger_row('cleared') %}
        {% endif %}
        {% do finish(target_relation) %}
    {% endif %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization seed, adapter='duckdb' %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set inputs = inputs_of_this_node(
        [model.checksum.checksum, model.config.column_types, model.config.delimiter] | string
    ) %}
    {% if existing_relation is not none and is_as_it_was(inputs) %}
        {% do store_raw_result('agate_table', message='OK', agate_table=none) %}
        {% do leave_as_it_is() %}
    {% else %}
        {% do materialization_seed_default() %}
        {% do write_into_ledger(inputs, target_relation) %}
        {% do adapter.commit() %}
    {% endif %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Only a test that found nothing is spared: who has a fault to mend sees it every time. #}
{% materialization test, adapter='duckdb' %}
    {% set inputs = inputs_of_this_node(
        [sql, config.get('severity'), config.get('fail_calc'), config.get('warn_if'), config.get('error_if')] | string
    ) %}
    {% if is_as_it_was(inputs) %}
        {% call statement('main', fetch_result=true) %}
            select 0 as failures, false as should_warn, false as should_error
        {% endcall %}
        {{ return({'relations': []}) }}
    {% endif %}
    {% set relations = materialization_test_default() %}
    {% if inputs and load_result('main').table.rows[0][0] == 0 %}
        {% do graph.passed_tests.update({model.unique_id: inputs}) %}
    {% endif %}
    {{ return(relations) }}
{% endmaterialization %}

{% macro replace_table(existing_relation, target_relation, inputs, has_changed=none) %}
    {% call statement('main', fetch_result=true) %}
        {{ drop_if_there(existing_relation) }}
        {{ create_table_as(false, target_relation, compiled_code) }}
        {{ ledger_row(inputs, target_relation, has_changed) }}
    {% endcall %}
    {% do know_ledger_row('main') %}
    {% do create_indexes(target_relation) %}
{% endmacro %}

{% macro finish(relation) %}
    {% do persist_docs(relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
{% endmacro %}

{% macro drop_if_there(relation) -%}
    {% if relation is not none %}drop {{ relation.type }} if exists {{ relation }};{% endif %}
{%- endmacro %}
