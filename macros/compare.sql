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

{# Whether a row of the configuration is in force on that day; `versions` is the relation it is a row of, where several are read. #}
{% macro is_in_force(versions='') -%}
    {%- set row = versions ~ '.' if versions else '' -%}
    ({{ row }}effective_from <= {{ as_of_date() }} and coalesce({{ row }}effective_to, {{ open_end() }}) > {{ as_of_date() }})
{%- endmacro %}
