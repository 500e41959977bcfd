{#
    The only "today" of the project: the day whose end every model describes.
    The var or the environment's CUSTOMER_HEALTH_AS_OF if given, else yesterday in the reporting time zone, because
    today is not over. The environment is not asked while dbt parses, so that a new day does not have it parse
    everything anew.
#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', none) or (env_var('CUSTOMER_HEALTH_AS_OF', '') if execute else '') -%}
    {%- if given -%}
        cast('{{ given }}' as date)
    {%- else -%}
        {{ add_days(to_reporting_date(utc_now()), -1) }}
    {%- endif -%}
{%- endmacro %}
