{#
    What another tool has loaded, read as the raw contract says: the catalog is asked once, before any model runs, and a
    view per table gives every column of the contract its type. A column that is missing is an empty one; moments of
    any zone become UTC, 7.0 the id 7. Models never ask the catalog.
#}

{# Where these views stand. The same condition is the schema of the source in models/staging/_raw__sources.yml. #}
{% macro typed_schema() -%}typed_raw{%- endmacro %}

{% macro is_loaded_by_another_tool() -%}
    {{ return(
        var('raw_schema') != 'raw' or var('raw_database') is not none or var('raw_table_names') | length > 0
        or not var('has_source_lineage') or var('loaded_at_column') != '_loaded_at'
    ) }}
{%- endmacro %}

{% macro create_typed_raw_views() %}
    {% if execute and is_loaded_by_another_tool() %}
        {% do attach_raw_database() %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema=typed_schema())) %}
        {% set faults = [] %}
        {% set statements = [] %}
        {% for table in graph.sources.values() if table.source_name == 'raw' %}
            {% set loaded = loaded_relation(table) %}
            {% set found = {} %}
            {% for column in (adapter.get_columns_in_relation(loaded) if loaded else []) %}
                {% do found.update({column.name | lower: column}) %}
            {% endfor %}
            {% do faults.extend(catalog_faults(table, found)) %}
            {% do statements.append(typed_raw_select(table, loaded, found)) %}
        {% endfor %}
        {% if faults %}
            {% do exceptions.raise_compiler_error(
                'what was loaded does not fit models/staging/_raw__sources.yml:\n  ' ~ faults | join('\n  ')
            ) %}
        {% endif %}
        {% for statement in statements %}
            {% do replace_typed_relation(statement.identifier, statement.sql) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# The table as it was loaded; none if it is not there. #}
{% macro loaded_relation(table) -%}
    {{ return(adapter.get_relation(
        database=var('raw_database') or target.database, schema=var('raw_schema'), identifier=table.identifier
    )) }}
{%- endmacro %}

{# Columns of the contract, and what the loading tool adds: name, type, whether a table without it is refused. #}
{% macro wanted_columns(table) -%}
    {%- set wanted = [] -%}
    {%- for column in table.columns.values() -%}
        {%- do wanted.append({
            'name': column.name, 'type': column.data_type, 'required': column.config.get('meta', {}).get('required', false)
        }) -%}
    {%- endfor -%}
    {%- do wanted.append({'name': var('loaded_at_column'), 'type': 'timestamp', 'required': true}) -%}
    {%- if var('has_source_lineage') -%}
        {%- do wanted.append({'name': '_source_file', 'type': 'varchar', 'required': true}) -%}
        {%- do wanted.append({'name': '_source_row', 'type': 'bigint', 'required': true}) -%}
    {%- endif -%}
    {{ return(wanted) }}
{%- endmacro %}

{# A sentence for each column that cannot be used. An optional table may be missing, or have no columns we know. #}
{% macro catalog_faults(table, found) -%}
    {%- set faults = [] -%}
    {%- set name = var('raw_schema') ~ '.' ~ table.identifier -%}
    {%- if not found and table.config.get('meta', {}).get('required') -%}
        {%- do faults.append(name ~ ': the table is missing, and nothing can be built without it') -%}
    {%- endif -%}
    {%- for column in wanted_columns(table) if found -%}
        {%- set loaded = found.get(column.name | lower) -%}
        {%- if not loaded and column.required -%}
            {%- do faults.append(name ~ ': required column ' ~ column.name ~ ' is missing, expected type ' ~ column.type) -%}
        {%- elif loaded and typed_value('x', loaded.dtype | lower, column.type, false) is none -%}
            {%- do faults.append(
                name ~ ': column ' ~ column.name ~ ' is ' ~ loaded.dtype ~ ', expected ' ~ column.type
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}

{% macro typed_raw_select(table, loaded, found) -%}
    {%- set columns = [] -%}
    {%- for column in wanted_columns(table) -%}
        {%- set given = found.get(column.name | lower) -%}
        {%- set is_id = column.name == 'id' or column.name.endswith('_id') -%}
        {%- set value = typed_value(adapter.quote(given.name), given.dtype | lower, column.type, is_id) if given
            else 'cast(null as ' ~ column.type ~ ')' -%}
        {%- do columns.append(value ~ ' as ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
    {%- set origin = ' from ' ~ loaded if loaded else ' where false' -%}
    {{ return({'identifier': table.identifier, 'sql': 'select ' ~ columns | join(', ') ~ origin}) }}
{%- endmacro %}

{#
    A view; a copy where the raw tables stand in another database, because the build file has to be readable by itself.
#}
{% macro replace_typed_relation(identifier, sql) %}
    {% set kind = 'view' if var('raw_database') is none else 'table' %}
    {% set relation = api.Relation.create(
        database=target.database, schema=typed_schema(), identifier=identifier, type=kind) %}
    {% set stored = adapter.get_relation(database=target.database, schema=typed_schema(), identifier=identifier) %}
    {% if stored and stored.type != kind %}
        {% do adapter.drop_relation(stored) %}
    {% endif %}
    {% do run_query('create or replace ' ~ kind ~ ' ' ~ relation ~ ' as ' ~ sql) %}
{% endmacro %}

{% macro attach_raw_database() -%}{{ return(adapter.dispatch('attach_raw_database')()) }}{%- endmacro %}
{% macro default__attach_raw_database() %}{% endmacro %}
{# of DuckDB: the file that the setting CUSTOMER_HEALTH_RAW_FILE names, under the name that the var raw_database gives #}
{% macro duckdb__attach_raw_database() %}
    {% set path = env_var('CUSTOMER_HEALTH_RAW_FILE', '') %}
    {% if var('raw_database') is not none and path %}
        {% do run_query(
            "attach if not exists '" ~ path | replace("'", "''") ~ "' as " ~ adapter.quote(var('raw_database'))
            ~ " (read_only)"
        ) %}
    {% endif %}
{% endmacro %}

{# SQL for a loaded value as the type that the contract wants; none: the types have nothing to do with each other. #}
{% macro typed_value(value, found, wanted, is_id) -%}
    {{ return(adapter.dispatch('typed_value')(value, found, wanted, is_id)) }}
{%- endmacro %}

{% macro default__typed_value(value, found, wanted, is_id) -%}
    {{ return('try_cast(' ~ value ~ ' as ' ~ wanted ~ ')') }}
{%- endmacro %}

{% macro duckdb__typed_value(value, found, wanted, is_id) -%}
    {%- set is_zoned = 'with time zone' in found or found.startswith('timestamptz') -%}
    {%- set is_moment = is_zoned or found.startswith('timestamp') or found == 'date' -%}
    {%- set is_text = found in ['varchar', 'text', 'uuid'] or found.startswith('enum') or found.startswith('varchar(') -%}
    {%- set is_fraction = found in ['float', 'double', 'real'] or found.startswith('decimal') -%}
    {%- set is_number = is_fraction or found.endswith('int') or found.endswith('integer') -%}
    {%- set text = 'trim(cast(' ~ value ~ ' as varchar))' -%}
    {%- set utc = "timezone('UTC', cast(" ~ value ~ " as timestamptz))" -%}
    {#- text without an offset is UTC, whatever the zone of the session -#}
    {%- set moment_of_text -%}
        case
            when regexp_matches({{ text }}, ':.*([+-][0-9]{2}(:?[0-9]{2})?|[zZ])$')
                then timezone('UTC', try_cast({{ text }} as timestamptz))
            else try_cast({{ text }} as timestamp)
        end
    {%- endset -%}
    {%- if found == 'boolean' and wanted == 'boolean' -%}
        {{ return(value) }}
    {%- elif wanted in ['timestamp', 'date'] and is_zoned -%}
        {{ return('cast(' ~ utc ~ ' as ' ~ wanted ~ ')') }}
    {%- elif wanted in ['timestamp', 'date'] and is_moment -%}
        {{ return('cast(' ~ value ~ ' as ' ~ wanted ~ ')') }}
    {%- elif wanted in ['timestamp', 'date'] and is_text -%}
        {{ return('cast(' ~ moment_of_text ~ ' as ' ~ wanted ~ ')') }}
    {%- elif wanted == 'varchar' and is_text and is_id -%}
        {{ return(
            "case when regexp_matches(" ~ text ~ ", '^(0|[1-9][0-9]*)\\.0+$') then regexp_replace(" ~ text
            ~ ", '\\.0+$', '') else cast(" ~ value ~ " as varchar) end"
        ) }}
    {%- elif wanted == 'varchar' and is_fraction -%}
        {{ return(
            'case when ' ~ value ~ ' = floor(' ~ value ~ ') and abs(' ~ value ~ ') < 9007199254740992 then cast(cast('
            ~ value ~ ' as hugeint) as varchar) else cast(' ~ value ~ ' as varchar) end'
        ) }}
    {%- elif wanted == 'varchar' and (is_text or is_number or found == 'boolean') -%}
        {{ return('cast(' ~ value ~ ' as varchar)') }}
    {%- elif wanted == 'boolean' and is_text -%}
        {{ return(
            "case when lower(" ~ text ~ ") in ('true', 't', 'yes', 'y', '1', '1.0') then true"
            ~ " when lower(" ~ text ~ ") in ('false', 'f', 'no', 'n', '0', '0.0') then false end"
        ) }}
    {%- elif wanted == 'boolean' and is_number -%}
        {{ return(value ~ ' <> 0') }}
    {%- elif wanted in ['bigint', 'double', 'decimal(18,4)'] and (is_number or is_text) -%}
        {{ return('try_cast(' ~ value ~ ' as ' ~ wanted ~ ')') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#
    A table of our own loader gets the columns that the contract has gained since. One that holds other types is not its
    own: read as it stands, its moments would be those of the session's zone.
#}
{% macro complete_raw_table(table, relation) %}
    {% set found = {} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do found.update({column.name | lower: column.dtype | lower}) %}
    {% endfor %}
    {% for column in wanted_columns(table) %}
        {% set loaded = found.get(column.name | lower) %}
        {% if not loaded %}
            {% do run_query(
                'alter table ' ~ relation ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.type
            ) %}
        {% elif 'time zone' in loaded or loaded.startswith('timestamptz') %}
            {% do exceptions.raise_compiler_error(
                'raw.' ~ table.identifier ~ ': column ' ~ column.name ~ ' is ' ~ loaded ~ ', expected ' ~ column.type
                ~ '; where another tool loads the tables, put them into another schema and name it in the var raw_schema'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
