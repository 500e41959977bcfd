{#
    A log of every dbt run that writes, kept beside what it wrote: what started, what became of each node that the
    project has, and how many rows the marts held in the end. A run that was killed has a start and no end; a run that
    "succeeded" with models left out says so; rows that went missing later are missed. Nobody publishes from a build
    file whose last run is not whole (customer_health/publication/build.py).
#}
{% macro runs_that_write() -%}
    {{ return(['build', 'run', 'seed', 'snapshot', 'retry', 'clone']) }}
{%- endmacro %}

{% macro log_build_start() %}
    {% if execute and flags.WHICH in runs_that_write() %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema='build_log')) %}
        {% do run_query(
            "create table if not exists " ~ build_log('started_runs')
            ~ " (invocation_id varchar, command varchar, vars varchar, started_at timestamp)"
        ) %}
        {% do run_query(
            "create table if not exists " ~ build_log('finished_runs')
            ~ " (invocation_id varchar, nodes bigint, unfinished_nodes bigint, unfinished_names varchar,"
            ~ " tables_by_day varchar, finished_at timestamp)"
        ) %}
        {% do run_query(
            "create table if not exists " ~ build_log('row_counts')
            ~ " (invocation_id varchar, table_name varchar, row_count bigint)"
        ) %}
        {% set vars = tojson(invocation_args_dict.get('vars') or {}, sort_keys=true) %}
        {% do run_query(
            "insert into " ~ build_log('started_runs') ~ " select '" ~ invocation_id ~ "', '" ~ flags.WHICH ~ "', '"
            ~ vars.replace("'", "''") ~ "', " ~ next_log_moment()
        ) %}
    {% endif %}
{% endmacro %}

{# Unfinished is whatever the project has and this run did not bring to success: failed, skipped or not selected. #}
{% macro log_build_end(results) %}
    {% if execute and flags.WHICH in runs_that_write() %}
        {% set done = [] %}
        {% for result in results if result.status | string in ('success', 'pass', 'warn') %}
            {% do done.append(result.node.unique_id) %}
        {% endfor %}
        {% set expected = [] %}
        {% set unfinished = [] %}
        {% set by_day = [] %}
        {% set counts = [] %}
        {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot', 'test') %}
            {% do expected.append(node.unique_id) %}
            {% if node.unique_id not in done %}
                {% do unfinished.append(node.name) %}
            {% elif node.resource_type == 'model' %}
                {% set name = node.schema ~ '.' ~ node.name %}
                {# a face shows the rows of one other model: how these are kept is how its own are #}
                {% set kept_as = graph.nodes[node.depends_on.nodes[0]].config if 'face' in node.tags else node.config %}
                {% if kept_as.materialized == 'incremental' and kept_as.get('incremental_strategy') == 'day_range'
                    and kept_as.get('day_column', 'date_day') == 'date_day' %}
                    {% do by_day.append(name) %}
                {% endif %}
                {% if node.path.startswith('marts') and kept_as.materialized in ('table', 'incremental') %}
                    {% do counts.append(
                        "select '" ~ invocation_id ~ "', '" ~ name ~ "', count(*) from "
                        ~ api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)
                    ) %}
                {% endif %}
            {% endif %}
        {% endfor %}
        {% if counts and not unfinished %}
            {% do run_query("insert into " ~ build_log('row_counts') ~ " " ~ counts | join(' union all ')) %}
        {% endif %}
        {% do run_query(
            "insert into " ~ build_log('finished_runs') ~ " select '" ~ invocation_id ~ "', " ~ expected | length ~ ", "
            ~ unfinished | length ~ ", '" ~ (unfinished | sort)[:10] | join(', ') ~ "', '" ~ by_day | sort | join(';')
            ~ "', " ~ next_log_moment()
        ) %}
    {% endif %}
{% endmacro %}
