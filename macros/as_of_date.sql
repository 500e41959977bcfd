{#
    The only "today" of the project: the day whose end every model describes.
    The var if given, else yesterday in the reporting time zone, because today is not over.
#}
{% macro as_of_date() -%}
    {%- if var('as_of_date', none) -%}
        cast('{{ var("as_of_date") }}' as date)
    {%- else -%}
        {{ add_days(to_reporting_date(utc_now()), -1) }}
    {%- endif -%}
{%- endmacro %}
