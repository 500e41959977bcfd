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
