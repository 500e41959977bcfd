{#
    What differs between engines, and nothing else. Models call these instead of an engine's own functions.
    A new engine overrides the default__ arm with one of its own name.
#}

{# -- dates -- #}

{% macro utc_now() -%}{{ return(adapter.dispatch('utc_now')()) }}{%- endmacro %}
{% macro default__utc_now() -%}cast(current_timestamp at time zone 'UTC' as timestamp){%- endmacro %}
{% macro spark__utc_now() -%}current_timestamp(){%- endmacro %}

{# naive timestamps are UTC; a day is a day of the reporting zone, 23 or 25 hours long where clocks change #}
{% macro to_reporting_date(timestamp_utc) -%}
    {{ return(adapter.dispatch('to_reporting_date')(timestamp_utc)) }}
{%- endmacro %}
{% macro default__to_reporting_date(timestamp_utc) -%}
    {%- if var('reporting_time_zone') == 'UTC' -%}
        cast({{ timestamp_utc }} as date)
    {%- else -%}
        cast(timezone('{{ var("reporting_time_zone") }}', timezone('UTC', {{ timestamp_utc }})) as date)
    {%- endif -%}
{%- endmacro %}
{% macro spark__to_reporting_date(timestamp_utc) -%}
    cast(from_utc_timestamp({{ timestamp_utc }}, '{{ var("reporting_time_zone") }}') as date)
{%- endmacro %}

{% macro add_days(day, days) -%}{{ return(adapter.dispatch('add_days')(day, days)) }}{%- endmacro %}
{% macro default__add_days(day, days) -%}({{ day }} + cast({{ days }} as integer)){%- endmacro %}
{% macro spark__add_days(day, days) -%}date_add({{ day }}, cast({{ days }} as int)){%- endmacro %}

{% macro add_hours(timestamp, hours) -%}{{ return(adapter.dispatch('add_hours')(timestamp, hours)) }}{%- endmacro %}
{% macro default__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + cast({{ hours }} * 3600 as integer) * interval '1' second)
{%- endmacro %}

{# signed days from the first to the second date #}
{% macro days_between(from_day, to_day) -%}
    {{ return(adapter.dispatch('days_between')(from_day, to_day)) }}
{%- endmacro %}
{% macro default__days_between(from_day, to_day) -%}({{ to_day }} - {{ from_day }}){%- endmacro %}
{% macro duckdb__days_between(from_day, to_day) -%}date_diff('day', {{ from_day }}, {{ to_day }}){%- endmacro %}
{% macro spark__days_between(from_day, to_day) -%}datediff({{ to_day }}, {{ from_day }}){%- endmacro %}

{# dates travel through measures as a number of days, so that one value column serves all measures #}
{% macro day_number(day) -%}{{ days_between("cast('1970-01-01' as date)", day) }}{%- endmacro %}

{% macro day_of_week(day) -%}{{ return(adapter.dispatch('day_of_week')(day)) }}{%- endmacro %}
{% macro default__day_of_week(day) -%}extract(dow from {{ day }}){%- endmacro %}
{% macro spark__day_of_week(day) -%}dayofweek({{ day }}){%- endmacro %}

{% macro open_end() -%}cast('9999-12-31' as date){%- endmacro %}
{% macro open_end_at() -%}cast('9999-12-31' as timestamp){%- endmacro %}
{% macro last_moment() -%}cast('9999-12-31 23:59:59.999999' as timestamp){%- endmacro %}
{% macro first_version_on() -%}cast('1900-01-01' as date){%- endmacro %}

{# -- rows of days -- #}

{# in a select list: one output row per day of [from_day, to_day] #}
{% macro each_day(from_day, to_day) -%}{{ return(adapter.dispatch('each_day')(from_day, to_day)) }}{%- endmacro %}
{% macro default__each_day(from_day, to_day) -%}
    cast(unnest(generate_series({{ from_day }}, {{ to_day }}, interval 1 day)) as date)
{%- endmacro %}
{% macro spark__each_day(from_day, to_day) -%}
    explode(case when {{ from_day }} <= {{ to_day }} then sequence({{ from_day }}, {{ to_day }}) else array() end)
{%- endmacro %}

{# -- rows as values -- #}

{# changes when any of the columns changes; compared within one engine only #}
{% macro fingerprint(columns) -%}{{ return(adapter.dispatch('fingerprint')(columns)) }}{%- endmacro %}
{% macro default__fingerprint(columns) -%}
    md5(concat_ws('|'{% for column in columns %}, coalesce(cast({{ column }} as varchar), '~'){% endfor %}))
{%- endmacro %}
{% macro duckdb__fingerprint(columns) -%}hash({{ columns | join(', ') }}){%- endmacro %}
{% macro spark__fingerprint(columns) -%}xxhash64({{ columns | join(', ') }}){%- endmacro %}

{# one JSON text from named columns #}
{% macro columns_as_json(columns) -%}{{ return(adapter.dispatch('columns_as_json')(columns)) }}{%- endmacro %}
{% macro default__columns_as_json(columns) -%}
    cast(json_object(
        {% for column in columns %}'{{ column }}', {{ column }}{{ ', ' if not loop.last }}{% endfor %}
    ) as varchar)
{%- endmacro %}
{% macro spark__columns_as_json(columns) -%}to_json(struct({{ columns | join(', ') }})){%- endmacro %}

{# all columns of a relation, some of them computed anew: {name: SQL} #}
{% macro columns_replaced(relation, replaced) -%}
    {{ return(adapter.dispatch('columns_replaced')(relation, replaced)) }}
{%- endmacro %}
{% macro default__columns_replaced(relation, replaced) -%}
    {{ relation }}.*
    {%- if replaced %} replace (
        {%- for name, expression in replaced.items() %}
            {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
        ){% endif %}
{%- endmacro %}
{% macro spark__columns_replaced(relation, replaced) -%}
    {{ relation }}.*
    {%- if replaced %} except ({{ replaced.keys() | join(', ') }})
    {%- for name, expression in replaced.items() %},
        {{ expression }} as {{ name }}
    {%- endfor %}{% endif %}
{%- endmacro %}

{# a whole row as one JSON text #}
{% macro row_as_json(relation) -%}{{ return(adapter.dispatch('row_as_json')(relation)) }}{%- endmacro %}
{% macro default__row_as_json(relation) -%}cast(to_json({{ relation }}) as varchar){%- endmacro %}
{% macro spark__row_as_json(relation) -%}to_json(struct({{ relation }}.*)){%- endmacro %}

{# -- numbers -- #}

{# a var as a double, whatever it is written like: bare, 0.3 would be a decimal #}
{% macro var_as_double(name) -%}cast({{ var(name) }} as double){%- endmacro %}

{# money and measure values: exact, so that sums do not depend on the order or the day that they start from #}
{% macro money() -%}decimal(18, 4){%- endmacro %}
{# exchange rates: exact, so that what is converted rounds alike everywhere #}
{# 19 digits: DuckDB multiplies two numbers of at most 18 digits in 18, and Spark keeps a product of 18 and 19 whole. #}
{% macro exact_rate() -%}decimal(19, 12){%- endmacro %}
{% macro exact_score() -%}decimal(18, 12){%- endmacro %}
{# a sum of doubles that does not depend on the order of its parts #}
{% macro exact_sum(expression) -%}cast(sum(cast({{ expression }} as {{ exact_score() }})) as double){%- endmacro %}
{% macro exact_sum_type() -%}decimal(38, 4){%- endmacro %}

{% macro median(expression) -%}{{ return(adapter.dispatch('median')(expression)) }}{%- endmacro %}
{% macro default__median(expression) -%}median({{ expression }}){%- endmacro %}

{# the last value that is not null, up to the current row #}
{% macro last_known(expression, partition_by, order_by) -%}
    {{ return(adapter.dispatch('last_known')(expression, partition_by, order_by)) }}
{%- endmacro %}
{% macro default__last_known(expression, partition_by, order_by) -%}
    last_value({{ expression }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row
    )
{%- endmacro %}

{# the first value that is not null, from the current row on #}
{% macro first_known(expression, partition_by, order_by) -%}
    {{ return(adapter.dispatch('first_known')(expression, partition_by, order_by)) }}
{%- endmacro %}
{% macro default__first_known(expression, partition_by, order_by) -%}
    first_value({{ expression }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ order_by }} rows between current row and unbounded following
    )
{%- endmacro %}

{# -- text -- #}

{# what the group of a pattern matches last, between other characters than digits; empty where nothing does #}
{% macro last_match(text, group) -%}{{ return(adapter.dispatch('last_match')(text, group)) }}{%- endmacro %}
{% macro default__last_match(text, group) -%}
    regexp_extract({{ text }}, '^(?:.*[^0-9])?{{ group }}(?:[^0-9].*)?$', 1)
{%- endmacro %}

{% macro digits_of(text) -%}{{ return(adapter.dispatch('digits_of')(text)) }}{%- endmacro %}
{% macro default__digits_of(text) -%}regexp_replace({{ text }}, '[^0-9]', '', 'g'){%- endmacro %}
{% macro spark__digits_of(text) -%}regexp_replace({{ text }}, '[^0-9]', ''){%- endmacro %}

{# changes when any row of a small table changes; compared within one engine only #}
{% macro table_fingerprint(relation) -%}{{ return(adapter.dispatch('table_fingerprint')(relation)) }}{%- endmacro %}
{% macro default__table_fingerprint(relation) -%}
    (select md5(coalesce(string_agg(cast(seed_row as varchar), '|' order by cast(seed_row as varchar)), ''))
    from {{ relation }} as seed_row)
{%- endmacro %}
{% macro spark__table_fingerprint(relation) -%}
    (select md5(coalesce(array_join(array_sort(collect_list(to_json(struct(*)))), '|'), '')) from {{ relation }})
{%- endmacro %}

{# the same for the same rows in any order, null if there are more than `at_most`; compared within one engine only #}
{% macro rows_fingerprint(relation, at_most=none) -%}
    {{ return(adapter.dispatch('rows_fingerprint')(relation, at_most)) }}
{%- endmacro %}
{% macro default__rows_fingerprint(relation, at_most) -%}
    (select
        {%- if at_most %} case when count(*) <= {{ at_most }} then {% endif %}
        concat(count(*), ' ', sum(cast(hash(fingerprinted) as hugeint)))
        {%- if at_most %} end{% endif %}
    from {% if at_most %}(select * from {{ relation }} limit {{ at_most + 1 }}){% else %}{{ relation }}{% endif %}
        as fingerprinted)
{%- endmacro %}
{% macro spark__rows_fingerprint(relation, at_most) -%}
    (select concat(count(*), ' ', sum(cast(xxhash64(*) as decimal(38, 0)))) from {{ relation }})
{%- endmacro %}

{# the distinct values of a group as one text, in alphabetical order: 'a;b' #}
{% macro sorted_list(expression) -%}{{ return(adapter.dispatch('sorted_list')(expression)) }}{%- endmacro %}
{% macro default__sorted_list(expression) -%}
    string_agg(distinct {{ expression }}, ';' order by {{ expression }})
{%- endmacro %}
{% macro spark__sorted_list(expression) -%}array_join(array_sort(collect_set({{ expression }})), ';'){%- endmacro %}

{# is the item one of a ;-separated list? #}
{% macro list_contains_item(list, item) -%}
    (';' || {{ list }} || ';' like '%;' || {{ item }} || ';%')
{%- endmacro %}

{# a whole number with its thousands set apart: '1,234' #}
{% macro grouped_digits(number) -%}{{ return(adapter.dispatch('grouped_digits')(number)) }}{%- endmacro %}
{% macro default__grouped_digits(number) -%}to_char({{ number }}, 'FM999,999,999,999,990'){%- endmacro %}
{% macro duckdb__grouped_digits(number) -%}format('{:,}', cast({{ number }} as bigint)){%- endmacro %}
{% macro spark__grouped_digits(number) -%}format_number({{ number }}, 0){%- endmacro %}

{# -- faults of an engine -- #}

{#
    DuckDB 2.0 now and then stops with "dict-surviving cache: global dictionary column changed identity" where several
    threads meet; DbtRun.build then asks for one (customer_health/transform/run.py).
#}
{% macro limit_engine_threads() -%}{{ return(adapter.dispatch('limit_engine_threads')()) }}{%- endmacro %}
{% macro default__limit_engine_threads() -%}{%- endmacro %}
{% macro duckdb__limit_engine_threads() -%}
    {%- set threads = env_var('CUSTOMER_HEALTH_ENGINE_THREADS', '') -%}
    {%- if threads -%}set threads = {{ threads | int }}{%- endif -%}
{%- endmacro %}

{#
    Between `as` and `(` of an import: computed once and kept, instead of being computed where it is read. It also keeps
    DuckDB 2.0 from the internal error above, which one plan of the metrics' days runs into with any number of threads.
#}
{% macro compute_once() -%}{{ return(adapter.dispatch('compute_once')()) }}{%- endmacro %}
{% macro default__compute_once() -%}{%- endmacro %}
{% macro duckdb__compute_once() -%}materialized{%- endmacro %}

{# Between `as` and `(` of a large import that is read several times: from its table each time, not kept in memory. #}
{% macro read_each_time() -%}{{ return(adapter.dispatch('read_each_time')()) }}{%- endmacro %}
{% macro default__read_each_time() -%}{%- endmacro %}
{% macro duckdb__read_each_time() -%}not materialized{%- endmacro %}
