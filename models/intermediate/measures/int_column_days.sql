-- Grain: one row per raw table, column that a measure may need, account, and table of the account whose rows tell it:
-- when these rows began, and when one first filled the column. The columns are those of watched_columns(). What is
-- filled later than its row (an answer, a payment) counts from the row on as soon as it is known.
{% set tables = raw_tables() | selectattr('name', 'in', watched_columns())
    | rejectattr('has_own_arms', 'true') | list %}

with

{% for table in tables -%}
{{ table.name }} as {{ compute_once() }} (

    select
        account_id,
        {%- for column, watched in watched_columns()[table.name].items() %}
        {{ first_filled(watched.filled_on, table.day) }} as {{ column }}_filled,
        {%- endfor %}
        min({{ table.day }}) as first_row_on
    from {{ ref(table.staged) }}
    where {{ table.day }} <= {{ as_of_date() }}
    group by 1

),

{% endfor -%}

usage_events as (

    select
        account_id,
        min(case when told = 'event_id' then first_on end) as first_row_on,
        min(case when told = 'user_id' then first_on end) as user_id_on,
        min(case when told = 'event_name' then first_on end) as event_name_on
    from {{ ref('int_product__first_days') }}
    where account_id <> ''
    group by 1

),

unioned as (

    {% for table in tables -%}
    {% for column, watched in watched_columns()[table.name].items() -%}
    select
        '{{ (watched.stands_for or [table.name, column]) | first }}' as raw_table,
        '{{ (watched.stands_for or [table.name, column]) | last }}' as column_name,
        '{{ table.name }}' as filled_by,
        {{ (watched.of_each_account or false) | lower }} as is_of_each_account,
        account_id,
        first_row_on,
        cast(substring({{ column }}_filled, 1, 10) as date) as filled_on,
        cast(substring({{ column }}_filled, 12, 10) as date) as counts_from_on
    from {{ table.name }}
    union all
    {% endfor -%}
    {% endfor -%}
    {% for column, watched in watched_columns()['usage_events'].items() -%}
    select
        'usage_events' as raw_table,
        '{{ column }}' as column_name,
        'usage_events' as filled_by,
        {{ (watched.of_each_account or false) | lower }} as is_of_each_account,
        account_id,
        first_row_on,
        {{ column }}_on as filled_on,
        {{ column }}_on as counts_from_on
    from usage_events
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from unioned
