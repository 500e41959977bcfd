{#
    The steps that every staging model shares: read raw, decide what becomes of each row. How rows of one key follow each
    other is in versions.sql.
#}

{#
    A word as the contract spells it: in any case, with blanks or hyphens, or as a vendor calls it (word_synonyms.csv).
    A word that the contract does not know stays as it is.
#}
{% macro known_word(raw_table, column, relation) -%}
    {%- set spelled -%}
        replace(replace(lower(trim({{ relation }}.{{ column }})), ' ', '_'), '-', '_')
    {%- endset -%}
    coalesce(
        (
            select max(synonyms.means) from {{ ref('word_synonyms') }} as synonyms
            where synonyms.raw_table = '{{ raw_table }}'
                and synonyms.raw_column = '{{ column }}'
                and synonyms.word = {{ spelled }}
        ),
        nullif({{ spelled }}, '')
    )
{%- endmacro %}

{#
    Raw rows with the lineage that the loading tool leaves behind, under one set of names. Where a date or number cannot
    be meant (plausible.sql), range_defect says so and given_row keeps what was delivered. `words` are columns whose words
    the contract lists: known_<column> holds the word that is meant. So does known_currency, where there is a currency.
#}
{% macro raw_rows(table, words=[], has_currency=false) -%}
    {%- set defect = range_defect(table, 'source_rows') -%}
    select
        {{ columns_replaced('source_rows', tamed_columns(table, 'source_rows')) }},
        {{ defect }} as range_defect,
        case when {{ defect }} is not null then {{ row_as_json('source_rows') }} end as given_row,
        {%- for word in words %}
        {{ known_word(table, word, 'source_rows') }} as known_{{ word }},
        {%- endfor %}
        {%- if has_currency %}
        upper(trim(source_rows.currency)) as known_currency,
        {%- endif %}
        source_rows.{{ var('loaded_at_column') }} as loaded_at,
        {%- if var('has_source_lineage') %}
        source_rows._source_file as source_file,
        source_rows._source_row as source_row
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row
        {%- endif %}
    from {{ source('raw', table) }} as source_rows
{%- endmacro %}

{#
    Decides what becomes of each row of `relation`, which carries the raw columns, `defect` (null: usable) and the
    marks of mark_copies: `staged`, `superseded` (a copy) or `quarantined` (kept as JSON with its reason).
    Exactly one of the three, for every row: that is what conservation rests on.
#}
{% macro decide_fates(relation, key, payload, mutable) -%}
    {%- set columns = key + (['updated_at'] if mutable else []) + payload -%}
    select
        decided.*,
        case when row_fate = 'quarantined' then coalesce(given_row, {{ columns_as_json(columns) }}) end as raw_row
    from (
        select
            {{ relation }}.*,
            case
                when range_defect is not null then 'quarantined'
                when {{ key | join(' is null or ') }} is null then 'quarantined'
                when is_copy then 'superseded'
                when defect is not null or is_conflict then 'quarantined'
                else 'staged'
            end as row_fate,
            case
                -- before all others: what cannot be meant is not looked up either, and may be part of the key
                when range_defect is not null then range_defect
                when {{ key | join(' is null or ') }} is null then 'null_key'
                when is_copy then null
                when defect is not null then defect
                when is_conflict then 'conflicting_version'
            end as quarantine_reason
        from {{ relation }}
    ) as decided
{%- endmacro %}

{# All of it for a table that is small enough: rows in order, copies told apart, fates, and from when versions hold. #}
{% macro row_fates(relation, key, payload, mutable, dated=[], is_ordered=false) -%}
    with ordered_rows as (

        {% if is_ordered -%}
        select * from {{ relation }}
        {%- else -%}
        {{ order_versions(relation, key, payload, mutable, dated) }}
        {%- endif %}

    ),

    marked_rows as (

        {{ mark_copies('ordered_rows', key, mutable) }}

    ),

    fated_rows as (

        {{ decide_fates('marked_rows', key, payload, mutable) }}

    )

    {% if mutable -%}
    {{ date_versions('fated_rows', key) }}
    {%- else -%}
    select * from fated_rows
    {%- endif %}
{%- endmacro %}

{# The shape of quarantine: the same for every table of raw_tables(). #}
{% macro quarantine_columns(table) -%}
        cast('{{ table.source }}' as {{ dbt.type_string() }}) as source,
        cast('{{ table.name }}' as {{ dbt.type_string() }}) as raw_table,
        {% for column in table.row_key -%}
        coalesce({{ column }}, ''){{ " || '/' || " if not loop.last }}
        {%- endfor %} as row_key,
        quarantine_reason,
        raw_row,
        source_file,
        source_row,
        loaded_at
{%- endmacro %}

{#
    The day of an event, for those who read raw events by day; a time that cannot be meant belongs to no day, as none
    does.
#}
{% macro event_day(occurred_at) -%}
    coalesce(
        case when {{ occurred_at }} >= {{ plausible_from_at() }} then {{ to_reporting_date(occurred_at) }} end,
        {{ open_end() }}
    )
{%- endmacro %}

{# A row dated more than a day after it was loaded cannot have happened yet; planned dates are not asked. #}
{% macro is_in_future(timestamps, relation) -%}
    (
        {%- for timestamp in timestamps -%}
        {{ timestamp }} > {{ relation }}.loaded_at + interval '1' day{{ ' or ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}

{#
    Optional tables that the loading tool never delivered are created empty, so that every model compiles and their
    metrics come out as not_instrumented; so is the landing loader's ledger where another tool loads. The contract is
    the only list of tables, hence the walk over its sources; it makes tables, never a model's SQL.
#}
{% macro create_missing_raw_tables() %}
    {% if execute %}
        {% set is_ours = not is_loaded_by_another_tool() %}
        {% for table in graph.sources.values() if table.source_name == 'landing' or table.source_name == 'raw' and is_ours %}
            {% set relation = api.Relation.create(
                database=table.database, schema=table.schema, identifier=table.identifier) %}
            {% do adapter.create_schema(relation) %}
            {% set columns = [] %}
            {% for column in table.columns.values() %}
                {% do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
            {% endfor %}
            {% if table.source_name == 'raw' %}
                {% do columns.append(var('loaded_at_column') ~ ' timestamp') %}
                {% if var('has_source_lineage') %}
                    {% do columns.append('_source_file varchar, _source_row bigint') %}
                {% endif %}
            {% endif %}
            {% do run_query("create table if not exists " ~ relation ~ " (" ~ columns | join(', ') ~ ")") %}
            {% if table.source_name == 'raw' %}
                {% do complete_raw_table(table, relation) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
