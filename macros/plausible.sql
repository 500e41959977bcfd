{#
    Which dates and numbers of raw rows can be meant. One row must not stop everything: an event of the year 1 would
    make a calendar of two thousand years, an amount of 9e13 twice is more than money holds. What lies outside is
    quarantined with its own reason, and the rest builds.
#}

{# Zero dates of Unix, spreadsheets and others lie before: no system that delivers rows is older. #}
{% macro plausible_from() -%}cast('1980-01-02' as date){%- endmacro %}
{% macro plausible_from_at() -%}cast('1980-01-02' as timestamp){%- endmacro %}

{# Beyond this in US dollars no row can be meant: thousands of rows at the limit still add up within money(). #}
{% macro plausible_usd() -%}10000000000{%- endmacro %}

{# Each column is compared as the type that it has: a date far away does not fit into a timestamp. #}
{% macro is_before_range(column, relation) -%}
    {{ relation }}.{{ column }} < {{ plausible_from_at() if column.endswith('_at') else plausible_from() }}
{%- endmacro %}
{% macro is_after_range(column, relation) -%}
    {{ relation }}.{{ column }} > {{ last_moment() if column.endswith('_at') else open_end() }}
{%- endmacro %}

{# The columns of a raw table that are asked: raw_tables() lists them. #}
{% macro plausible_columns(table) -%}
    {%- set line = raw_tables() | selectattr('name', 'equalto', table) | first -%}
    {{ return(line['plausible']) }}
{%- endmacro %}

{# Why a row of a raw table cannot be meant; null: it can. #}
{% macro range_defect(table, relation) -%}
    {%- set asked = plausible_columns(table) -%}
    {%- set dates = [] -%}
    {%- for column in asked.get('moments', []) -%}
        {%- do dates.append(is_before_range(column, relation)) -%}
        {%- do dates.append(is_after_range(column, relation)) -%}
    {%- endfor -%}
    {%- for column in asked.get('open', []) -%}
        {%- do dates.append(is_before_range(column, relation)) -%}
    {%- endfor -%}
    {%- for column in asked.get('since', []) -%}
        {%- do dates.append(is_after_range(column, relation)) -%}
    {%- endfor -%}
    {%- set numbers = [] -%}
    {%- for column, limits in asked.get('numbers', {}).items() -%}
        {%- do numbers.append(relation ~ '.' ~ column ~ ' < ' ~ limits[0]) -%}
        {%- do numbers.append(relation ~ '.' ~ column ~ ' > ' ~ limits[1]) -%}
    {%- endfor -%}
    case
        when {{ dates | join('\n            or ') }}
            then 'implausible_date'
        {%- if numbers %}
        when {{ numbers | join('\n            or ') }}
            then 'implausible_number'
        {%- endif %}
    end
{%- endmacro %}

{# The columns whose values outside the range are read as something else, or would not survive a cast: name and SQL. #}
{% macro tamed_columns(table, relation) -%}
    {%- set asked = plausible_columns(table) -%}
    {%- set tamed = {} -%}
    {%- for column in asked.get('moments', []) + asked.get('since', []) if not column.endswith('_at') -%}
        {%- do tamed.update({column: 'case when not (' ~ is_before_range(column, relation) ~ ' or '
            ~ is_after_range(column, relation) ~ ') then ' ~ relation ~ '.' ~ column ~ ' end'}) -%}
    {%- endfor -%}
    {%- for column in asked.get('open', []) -%}
        {%- set open_end = open_end_at() if column.endswith('_at') else open_end() -%}
        {%- do tamed.update({column: 'case when ' ~ is_after_range(column, relation) ~ ' then ' ~ open_end
            ~ ' when not ' ~ is_before_range(column, relation) ~ ' then ' ~ relation ~ '.' ~ column ~ ' end'}) -%}
    {%- endfor -%}
    {{ return(tamed) }}
{%- endmacro %}
