{#
    The only "today" of the project: the day whose end every model describes.
    The var or the environment's CUSTOMER_HEALTH_AS_OF if given, else yesterday in the reporting time zone, because
    today is not over. The environment is not asked while dbt parses, so that a new day does not have it parse
    everything anew. The day stands in the SQL as a literal: so a run that passes midnight goes on describing one day, and
    the ledger sees that the day is another one (ledger.sql).
#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', none) or (env_var('CUSTOMER_HEALTH_AS_OF', '') if execute else '') -%}
    {%- if given -%}
        cast('{{ given }}' as date)
    {%- elif execute -%}
        {%- set today = run_started_at.astimezone(modules.pytz.timezone(var('reporting_time_zone'))).date() -%}
        cast('{{ today - modules.datetime.timedelta(days=1) }}' as date)
    {%- else -%}
        cast(null as date)
    {%- endif -%}
{%- endmacro %}
