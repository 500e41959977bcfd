{#
    Numbers as people read them in a sentence: few digits, a unit, and a sign where the direction matters.
#}

{# 1,234 · 58 · 4.1 · 0.31: as many digits as say something #}
{% macro number_in_words(number) -%}
    case
        when abs({{ number }}) >= 10 or {{ number }} = round({{ number }}) then {{ grouped_digits('round(' ~ number ~ ')') }}
        when abs({{ number }}) >= 1 then {{ one_decimal(number) }}
        else cast(cast({{ number }} as decimal(9, 2)) as {{ dbt.type_string() }})
    end
{%- endmacro %}

{% macro one_decimal(number) -%}
    cast(cast({{ number }} as decimal(18, 1)) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro percent_in_words(percent) -%}
    case
        when abs({{ percent }}) >= 10 or {{ percent }} = round({{ percent }}) then {{ grouped_digits('round(' ~ percent ~ ')') }}
        else {{ one_decimal(percent) }}
    end || ' %'
{%- endmacro %}

{#
    A name that a source made up (an event, a channel, a kind), as far as it can be shown to everybody: people write addresses
    and whole sentences into such fields.
#}
{% macro name_without_persons(name) -%}
    case
        when {{ name }} like '%@%' or length({{ name }}) > 60 then '(not shown: may hold personal data)'
        else {{ name }}
    end
{%- endmacro %}

{# points that a score gains or loses: +4.1 · -0.3 · 0.0 #}
{% macro signed_points(points) -%}
    (case when round({{ points }}, 1) > 0 then '+' else '' end || {{ one_decimal(points) }})
{%- endmacro %}

{# The value of a metric with its unit; what the metric's label already says (events, tickets, seats) is not repeated. #}
{% macro value_in_words(value, unit, aggregation) -%}
    case
        when {{ value }} is null then 'not known'
        when {{ unit }} = 'flag' then case when {{ value }} >= 1 then 'yes' else 'no' end
        else case when {{ aggregation }} = 'change' and {{ value }} > 0 then '+' else '' end
            || case
                when {{ unit }} = 'pct' then {{ percent_in_words(value) }}
                -- counted from a day that is still to come
                when {{ unit }} = 'days' and {{ aggregation }} = 'age_days' and {{ value }} < 0
                    then {{ number_in_words('-(' ~ value ~ ')') }}
                        || case when {{ value }} = -1 then ' day to go' else ' days to go' end
                when {{ unit }} = 'days' and abs({{ value }}) = 1 then {{ number_in_words(value) }} || ' day'
                when {{ unit }} = 'days' then {{ number_in_words(value) }} || ' days'
                when {{ unit }} = 'usd' then {{ number_in_words(value) }} || ' USD'
                else {{ number_in_words(value) }}
            end
    end
{%- endmacro %}

{# Why a number is missing. The descriptions of value_statuses.csv say the same at length. #}
{% macro missing_in_words(value_status) -%}
    case {{ value_status }}
        when 'stale' then 'last known too long ago'
        when 'too_early' then 'too early to tell'
        when 'not_instrumented' then 'not recorded for this account'
        when 'no_base' then 'no data in its period'
        else {{ value_status }}
    end
{%- endmacro %}

{# 1 row · 3 rows #}
{% macro counted(number, noun) -%}
    (cast({{ number }} as {{ dbt.type_string() }}) || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end)
{%- endmacro %}

{# 2026-Q1 #}
{% macro quarter_name(day) -%}
    (cast(extract(year from {{ day }}) as {{ dbt.type_string() }}) || '-Q'
        || cast(extract(quarter from {{ day }}) as {{ dbt.type_string() }}))
{%- endmacro %}

{# 0.71 (95% from 0.64 to 0.78) #}
{% macro area_in_words(area, low, high) -%}
    (cast(cast({{ area }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ' (95% from '
        || cast(cast({{ low }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ' to '
        || cast(cast({{ high }} as decimal(9, 2)) as {{ dbt.type_string() }}) || ')')
{%- endmacro %}
