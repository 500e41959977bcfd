{#
    What builds and loads are ordered by, and which raw rows no build has read yet. Clocks go wrong and are set right
    again, and a sync may commit after a build that began after it did; so neither is told by a moment alone.
#}

{#
    The moment of the next entry of the build logs: now, but later than every entry before it, whatever the clock says.
    So it counts: of two entries the one that was written later is the greater one.
#}
{% macro next_log_moment() -%}
    greatest({{ utc_now() }}, (
        select max(logged.moment) + interval '1' second
        from (
            select max(logged_at) as moment from {{ build_log('dirty_days') }}
            union all
            select max(completed_at) as moment from {{ build_log('complete_builds') }}
            union all
            select max(started_at) as moment from {{ build_log('started_runs') }}
            union all
            select max(finished_at) as moment from {{ build_log('finished_runs') }}
        ) as logged
    ))
{%- endmacro %}

{# When the last complete build had read raw rows up to; the beginning, if there is none. #}
{% macro loaded_since() -%}
    {%- if flags.FULL_REFRESH -%}
        cast('1900-01-01' as timestamp)
    {%- else -%}
        (select coalesce(max(loaded_until), cast('1900-01-01' as timestamp)) from {{ build_log('complete_builds') }})
    {%- endif -%}
{%- endmacro %}

{#
    How many rows of each raw table were there when a run began, by the hour of their load. What a complete build found
    is kept until the next one is complete: an hour that has more rows by then was delivered late, or by a clock that
    was behind. Its rows are as unread as those of later loads (is_unread).
#}
{% macro log_loads() %}
    {% if execute and target.type == 'duckdb' and target.name != 'what_if' and flags.WHICH in runs_that_write() %}
        {% do run_query(
            "create table if not exists " ~ build_log('seen_loads')
            ~ " (invocation_id varchar, raw_table varchar, loaded_hour timestamp, row_count bigint, read_before bigint)"
        ) %}
        {% set last_complete %}
            (select invocation_id from {{ build_log('complete_builds') }} order by completed_at desc nulls last limit 1)
        {% endset %}
        {% do run_query(
            "delete from " ~ build_log('seen_loads') ~ " where invocation_id is distinct from " ~ last_complete
        ) %}
        {% for table in graph.sources.values() if table.source_name == 'raw' %}
            {% set relation = api.Relation.create(
                database=table.database, schema=table.schema, identifier=table.identifier) %}
            {% do run_query(
                "insert into " ~ build_log('seen_loads') ~ " select '" ~ invocation_id ~ "', '" ~ table.name ~ "', "
                ~ hour_of(var('loaded_at_column')) ~ ", count(*), count(*) filter (where " ~ var('loaded_at_column')
                ~ " <= " ~ loaded_since() ~ ") from " ~ relation ~ " group by 3"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{% macro hour_of(loaded_at) -%}date_trunc('hour', cast({{ loaded_at }} as timestamp)){%- endmacro %}

{# Hours of loading, as literals, that brought rows of this table after the last complete build had read past them. #}
{% macro late_hours(raw_table) -%}
    {%- if not execute or flags.FULL_REFRESH or target.type != 'duckdb' or target.name == 'what_if'
        or flags.WHICH not in runs_that_write() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set hours = [] -%}
    {%- for hour in run_query(
        "select cast(now.loaded_hour as varchar) from " ~ build_log('seen_loads') ~ " as now left join "
        ~ build_log('seen_loads') ~ " as before on before.invocation_id <> now.invocation_id"
        ~ " and before.raw_table = now.raw_table and before.loaded_hour = now.loaded_hour"
        ~ " where now.invocation_id = '" ~ invocation_id ~ "' and now.raw_table = '" ~ raw_table ~ "'"
        ~ " and now.read_before > coalesce(before.row_count, 0) order by 1 nulls last"
    ).columns[0].values() -%}
        {%- do hours.append("cast('" ~ hour ~ "' as timestamp)") -%}
    {%- endfor -%}
    {{ return(hours) }}
{%- endmacro %}

{# Whether no complete build has read this row of a raw table. #}
{% macro is_unread(raw_table, loaded_at) -%}
    {%- set late = late_hours(raw_table) -%}
    {%- set is_later = loaded_at ~ ' > ' ~ loaded_since() -%}
    {%- if late -%}
    ({{ is_later }} or {{ hour_of(loaded_at) }} in ({{ late | join(', ') }}))
    {%- else -%}
    {{ is_later }}
    {%- endif -%}
{%- endmacro %}
