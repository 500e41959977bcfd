{#
    The ledger: what each node was last made from, and whether that changed what it holds.

    build_log.node_versions has a row for each node that ran: `inputs`, a fingerprint of its SQL and of the versions of
    all that it reads, and `version`, which stands for its rows. A node whose inputs are those of last time is left as
    it is. A node that ran and came out as it was keeps its version, so that what reads it is left alone, too.

    A table's version is a fingerprint of its rows; of one too large for that, of its inputs; of an incremental table,
    of the run that last changed a row. A view's is that of its inputs. A raw table's is read when a run starts.

    What the fingerprints do not show is guarded otherwise: rows that went missing by the number of rows, models and
    macros that changed by the full refresh that follows (customer_health/refresh/steps.py), a run of some nodes only by
    the rule that only what runs together with all its parents is ever left out, a model that reads the build's own logs
    by its config reads_build_log, and a Python model by running each time.

    A run reads the table once and works on graph.ledger from then on: `graph` is what all nodes of a run share.
#}

{# Of a larger table, reading all rows would cost more than what it spares. #}
{% macro rows_fingerprinted() -%}{{ return(3000000) }}{%- endmacro %}

{# A what-if computes in a database of its own, and what only reads has nothing to write down. #}
{% macro open_ledger() %}
    {% if execute and target.type == 'duckdb' and target.name != 'what_if'
        and flags.WHICH in runs_that_write() + ['test'] %}
        {% do run_query(
            "create table if not exists " ~ build_log('node_versions')
            ~ " (node varchar, inputs varchar, version varchar, row_count bigint, invocation_id varchar)"
        ) %}
        {% do log_raw_versions() %}
        {% set known = {} %}
        {% for node, inputs, version, row_count in run_query(
            "select node, inputs, version, row_count from " ~ build_log('node_versions')
        ).rows %}
            {% do known.update({node: {'inputs': inputs, 'version': version, 'row_count': row_count}}) %}
        {% endfor %}
        {% for node, row_count in rows_present(known).items() if known[node].row_count != row_count %}
            {# rows went missing, or somebody added some: it is made again #}
            {% do known.pop(node) %}
        {% endfor %}
        {% do graph.update({'ledger': known, 'passed_tests': {}}) %}
    {% endif %}
{% endmacro %}

{# How many rows there are in each raw table, or in each table that the ledger knows. #}
{% macro rows_present(known=none) -%}
    {%- set arms = [] -%}
    {%- for node in (graph.sources if known is none else graph.nodes).values() -%}
        {%- if node.unique_id in (known or {}) or known is none and node.source_name in ('raw', 'landing') -%}
            {%- set relation = load_cached_relation(api.Relation.create(
                database=node.database, schema=node.schema, identifier=node.identifier or node.alias
            )) -%}
            {%- if relation is not none and relation.is_table -%}
                {%- do arms.append("select '" ~ node.unique_id ~ "', count(*) from " ~ relation) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- if arms -%}
        {%- for node, row_count in run_query(arms | join(' union all ')).rows -%}
            {%- do found.update({node: row_count}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#
    A large raw table is told by its number of rows and its moments of loading: whoever changes a row says so in that
    column (the raw contract), and the newest need not be the latest.
#}
{% macro log_raw_versions() %}
    {% set arms = [] %}
    {% for node, row_count in rows_present().items() %}
        {% set raw_table = graph.sources[node] %}
        {% set relation = api.Relation.create(
            database=raw_table.database, schema=raw_table.schema, identifier=raw_table.identifier
        ) %}
        {% set version = rows_fingerprint(relation) if row_count <= rows_fingerprinted()
            else "(select cast(sum(cast(hash(" ~ var('loaded_at_column') ~ ") as hugeint)) as varchar) from " ~ relation
            ~ ")" %}
        {% do arms.append(
            "select '" ~ node ~ "', null, concat(" ~ row_count ~ ", ' ', " ~ version ~ "), " ~ row_count ~ ", '"
            ~ invocation_id ~ "'"
        ) %}
    {% endfor %}
    {% do run_query("delete from " ~ build_log('node_versions') ~ " where node like 'source.%'") %}
    {% if arms %}
        {% do run_query("insert into " ~ build_log('node_versions') ~ " " ~ arms | join(' union all ')) %}
    {% endif %}
{% endmacro %}

{#
    What this node would be made from now; none where that cannot be told: then it runs, and so does what reads it.
    Every parent has to run in the same run, or its version may be older than what it holds.
#}
{% macro inputs_of_this_node(code) -%}
    {%- set versions = [] -%}
    {%- set parents = model.get('depends_on', {}).get('nodes', []) | unique | sort -%}
    {%- for parent in parents if parent in graph.get('ledger', {}) -%}
        {%- if parent.startswith('source.') or parent in selected_resources -%}
            {%- do versions.append(graph.ledger[parent].version) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'ledger' not in graph or versions | length < parents | length -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set shape = [] -%}
    {%- for column in model.get('columns', {}).values() -%}
        {%- do shape.append((column.name, column.data_type)) -%}
    {%- endfor -%}
    {{ return(local_md5([code, model.config.materialized, shape, versions] | string)) }}
{%- endmacro %}

{# A Python model also hangs on the libraries that it calls; it looks for itself whether anything is new. #}
{% macro is_as_it_was(inputs) -%}
    {{ return(inputs is not none and not flags.FULL_REFRESH and not config.get('reads_build_log')
        and model.get('language') != 'python'
        and graph.ledger.get(model.unique_id, {}).get('inputs') == inputs) }}
{%- endmacro %}

{#
    SQL that writes this node's row and returns it: the last of the statements that make the node, or in their
    transaction. `has_changed` says it of an incremental table; of others the rows do.
#}
{% macro ledger_row(inputs, relation, has_changed=none) -%}
    {%- if 'ledger' in graph -%}
    {%- set run = "'" ~ (inputs or invocation_id) ~ "'" -%}
    ;
    delete from {{ build_log('node_versions') }} where node = '{{ model.unique_id }}';
    insert into {{ build_log('node_versions') }}
    select
        '{{ model.unique_id }}',
        {{ "'" ~ inputs ~ "'" if inputs else 'null' }},
        {%- if not relation.is_table %}
        {{ run }},
        null,
        {%- elif has_changed is not none %}
        '{{ invocation_id if has_changed else graph.ledger.get(model.unique_id, {}).get('version') or invocation_id }}',
        (select count(*) from {{ relation }}),
        {%- else %}
        coalesce({{ rows_fingerprint(relation, at_most=rows_fingerprinted()) }}, {{ run }}),
        (select count(*) from {{ relation }}),
        {%- endif %}
        '{{ invocation_id }}'
    returning inputs, version, row_count
    {%- endif -%}
{%- endmacro %}

{# What the statement `ledger_row` ended in is known to the nodes that follow. #}
{% macro know_ledger_row(statement_name) -%}
    {%- if 'ledger' in graph -%}
        {%- set row = load_result(statement_name).table.rows[0] -%}
        {%- do graph.ledger.update({
            model.unique_id: {'inputs': row[0], 'version': row[1], 'row_count': row[2]}
        }) -%}
    {%- endif -%}
{%- endmacro %}

{# Where the rows came about by more than one statement. #}
{% macro write_into_ledger(inputs, relation, has_changed=none) %}
    {% if 'ledger' in graph %}
        {% call statement('ledger', fetch_result=true) %}select 1 {{- ledger_row(inputs, relation, has_changed) }}{% endcall %}
        {% do know_ledger_row('ledger') %}
    {% endif %}
{% endmacro %}

{# All tests that passed, at the end of the run. #}
{% macro log_passed_tests() %}
    {% if graph.get('passed_tests') %}
        {% set rows = [] %}
        {% for test, inputs in graph.passed_tests.items() %}
            {% do rows.append("('" ~ test ~ "', '" ~ inputs ~ "', null, null, '" ~ invocation_id ~ "')") %}
        {% endfor %}
        {% do run_query(
            "delete from " ~ build_log('node_versions') ~ " where node in ('" ~ graph.passed_tests | join("', '") ~ "')"
        ) %}
        {% do run_query("insert into " ~ build_log('node_versions') ~ " values " ~ rows | join(', ')) %}
    {% endif %}
{% endmacro %}

{# In place of what a node would do. #}
{% macro leave_as_it_is() %}
    {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) %}{% endcall %}
{% endmacro %}
