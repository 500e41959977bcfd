{# A value against a threshold, with the comparator of a seed row. #}
{% macro compares(value, comparator, threshold) -%}
    case {{ comparator }}
        when '<' then {{ value }} < {{ threshold }}
        when '<=' then {{ value }} <= {{ threshold }}
        when '=' then {{ value }} = {{ threshold }}
        when '>=' then {{ value }} >= {{ threshold }}
        when '>' then {{ value }} > {{ threshold }}
    end
{%- endmacro %}

{# The grades that a var names, as a list for `in`. #}
{% macro grades_named(variable) -%}
    {%- for grade in var(variable) -%}'{{ grade }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# What a grade says of a customer in one word; a grade that no var names, and none at all, is watched. #}
{% macro grade_band(grade) -%}
    case
        when {{ grade }} in ({{ grades_named('healthy_grades') }}) then 'healthy'
        when {{ grade }} in ({{ grades_named('unhealthy_grades') }}) then 'unhealthy'
        else 'watched'
    end
{%- endmacro %}

{#
    Whether a row of the configuration is in force on the last day; `versions` names its relation, where several are
    read.
#}
{% macro is_in_force(versions='') -%}
    {%- set row = versions ~ '.' if versions else '' -%}
    ({{ row }}effective_from <= {{ as_of_date() }}
        and coalesce({{ row }}effective_to, {{ open_end() }}) > {{ as_of_date() }})
{%- endmacro %}

{#
    Whether no row of `relation` has this value in its column of the same name; true of no value. `not in` alone is
    neither true nor false where one side may be empty, and so loses a row or, over an empty relation, keeps them all.
#}
{% macro is_in_none_of(column, relation) -%}
    {%- set listed = column.split('.') | last -%}
    ({{ column }} is null or {{ column }} not in (
        select {{ listed }} from {{ relation }}
        where {{ listed }} is not null
    ))
{%- endmacro %}
