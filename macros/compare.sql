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
