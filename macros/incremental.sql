{#
    How stored days are rebuilt. Two strategies, both in the one transaction that dbt opens around a model:

    first_difference  the model computes all of its rows (of a layer: those from rebuild_from() on) and compares them
                      with those stored; the first day that differs is logged in build_log.dirty_days, and everything
                      from that day on is replaced.
    day_range         the model computes the rows from rebuild_from() on, and what is stored from that day on becomes
                      these, days that became empty included (dbt's own delete+insert would keep those).
#}

{# Two small logs that outlive the models: what was found dirty, and which builds ran to their end. #}
{% macro build_log(table) -%}
    {{ api.Relation.create(database=target.database, schema='build_log', identifier=table) }}
{%- endmacro %}

{% macro create_build_logs() %}
    {% if execute %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema='build_log')) %}
        {% do run_query(
            "create table if not exists " ~ build_log('dirty_days')
            ~ " (invocation_id varchar, model varchar, dirty_from_on date, logged_at timestamp)"
        ) %}
        {% do run_query(
            "create table if not exists " ~ build_log('complete_builds')
            ~ " (invocation_id varchar, as_of_date date, loaded_until timestamp, metrics_configuration varchar,"
            ~ " points_configuration varchar, scores_configuration varchar, milestones_configuration varchar,"
            ~ " completed_at timestamp)"
        ) %}
        {# logs of warehouses that were built before conditions of milestones were stored #}
        {% do run_query(
            "alter table " ~ build_log('complete_builds') ~ " add column if not exists milestones_configuration varchar"
        ) %}
    {% endif %}
{% endmacro %}

{#
    A build is complete when everything in it succeeded and it went all the way from the rebuild range to the scores.
    Until then, the next build starts from where this one did.
#}
{% macro log_complete_build(results) %}
    {% set rebuild_range = ref('int_rebuild_range') %}
    {% if execute %}
        {% set statuses = results | map(attribute='status') | map('string') | list %}
        {% set nodes = results | map(attribute='node.name') | list %}
        {% set has_failed = 'error' in statuses or 'fail' in statuses or 'skipped' in statuses %}
        {% if not has_failed and 'int_rebuild_range' in nodes and 'int_score_changes' in nodes %}
            {% do run_query(
                "insert into " ~ build_log('complete_builds')
                ~ " (invocation_id, as_of_date, loaded_until, metrics_configuration, points_configuration,"
                ~ " scores_configuration, milestones_configuration, completed_at)"
                ~ " select '" ~ invocation_id ~ "', as_of_date, loaded_until, metrics_configuration,"
                ~ " points_configuration, scores_configuration, milestones_configuration, " ~ next_log_moment()
                ~ " from " ~ rebuild_range
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
    What a build is about to compute anew counts as dirty until a build is complete: one that breaks off with another
    configuration must not leave its rows behind, even if the configuration is the old one again next time.
#}
{% macro log_reach(layers) %}
    insert into {{ build_log('dirty_days') }}
    {%- for layer, column in layers.items() %}
    {{ 'union all' if not loop.first }}
    select '{{ invocation_id }}', '{{ layer }}', {{ column }}, {{ next_log_moment() }} from {{ this }}
    {%- endfor %}
{% endmacro %}

{# The last build that ran to its end; none for a full refresh, which starts at the beginning. #}
{% macro last_complete_build() -%}
    select * from {{ build_log('complete_builds') }}
    {%- if flags.FULL_REFRESH %}
    where false
    {%- endif %}
    order by completed_at desc nulls last
    limit 1
{%- endmacro %}

{# The vars that shape stored days, as one text; as_of_date only says how many of them there are. #}
{% macro configured_vars() -%}
    {%- for name in ['reporting_time_zone', 'grace_days', 'include_trials', 'liveness_share', 'liveness_min_rows',
        'liveness_window_share', 'column_settling_days', 'invoiced_as_mrr', 'invoice_due_days',
        'invoice_failed_days', 'baseline_days', 'baseline_min_days', 'min_side_coverage',
        'scored_min_coverage', 'provisional_min_coverage', 'grade_confirm_days'] -%}
        {{ name }}={{ var(name) }};
    {%- endfor -%}
{%- endmacro %}

{# What shapes stored product facts, which are rebuilt by day like metrics, but decided before them. #}
{% macro product_configuration() -%}
    md5(concat({{ table_fingerprint(ref('product_event_measures')) }}, '{{ var("reporting_time_zone") }}'))
{%- endmacro %}

{# Each strategy's statements, one by one: a statement that touches no row is a sign (materializations.sql). #}
{% macro incremental_statements(arguments) -%}
    {%- set strategy = config.require('incremental_strategy') -%}
    {%- if strategy == 'first_difference' -%}
        {{ return(first_difference_statements(arguments)) }}
    {%- elif strategy == 'day_range' -%}
        {{ return(day_range_statements(arguments)) }}
    {%- else -%}
        {{ return([adapter.get_incremental_strategy_macro(context, strategy)(arguments)]) }}
    {%- endif -%}
{%- endmacro %}

{% macro first_difference_statements(arg_dict) -%}
    {%- set stored = arg_dict['target_relation'] -%}
    {%- set computed = arg_dict['temp_relation'] -%}
    {%- set day = config.require('day_column') -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set compared = day ~ " >= " ~ rebuild_from(config.get('layer')) if config.get('layer') else "true" -%}
    {%- set first_difference -%}
        select min(dirty_from_on) from {{ build_log('dirty_days') }}
        where invocation_id = '{{ invocation_id }}' and model = '{{ stored.identifier }}'
    {%- endset -%}
    {%- set logged -%}
    insert into {{ build_log('dirty_days') }}
    select '{{ invocation_id }}', '{{ stored.identifier }}', min({{ day }}), {{ next_log_moment() }}
    from (
        (select {{ columns }} from {{ computed }} except select {{ columns }} from {{ stored }} where {{ compared }})
        union all
        (select {{ columns }} from {{ stored }} where {{ compared }} except select {{ columns }} from {{ computed }})
    ) as differences
    having min({{ day }}) is not null
    {%- endset -%}
    {%- set deleted -%}
    delete from {{ stored }} where {{ day }} >= ({{ first_difference }})
    {%- endset -%}
    {%- set inserted -%}
    insert into {{ stored }} ({{ columns }})
    select {{ columns }} from {{ computed }}
    where {{ day }} >= ({{ first_difference }})
    {%- endset -%}
    {{ return([logged, deleted, inserted]) }}
{%- endmacro %}

{#
    What differs is deleted and inserted, and nothing else: the rows of a day lie all over a table that was built at
    once, and the engine keeps in memory where it deleted (2 GB for the three days that a night rebuilds of 270 million
    rows). Where a row may be there twice (config may_repeat_rows), it cannot be told from its copy, and all are
    replaced.
#}
{% macro day_range_statements(arg_dict) -%}
    {%- set stored = arg_dict['target_relation'] -%}
    {%- set computed = arg_dict['temp_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set from_on = rebuild_from(config.get('layer', 'metrics')) -%}
    {%- set is_in_range = config.get('day_column', 'date_day') ~ ' >= ' ~ from_on -%}
    {%- set is_same_row -%}
        {%- for column in arg_dict['dest_columns'] -%}
            {{ ' and ' if not loop.first }}stored.{{ column.quoted }} is not distinct from computed.{{ column.quoted }}
        {%- endfor -%}
    {%- endset %}

    {%- set deleted -%}
    delete from {{ stored }} as stored
    where {{ is_in_range }}
    {%- if not config.get('may_repeat_rows') %}
        and not exists (select 1 from {{ computed }} as computed where {{ is_same_row }})
    {%- endif %}
    {%- endset -%}
    {%- set inserted -%}
    insert into {{ stored }} ({{ columns }})
    select {{ columns }}
    from {{ computed }} as computed
    {%- if not config.get('may_repeat_rows') %}
    where not exists (select 1 from {{ stored }} as stored where {{ is_in_range }} and {{ is_same_row }})
    {%- endif %}
    {%- endset -%}
    {{ return([deleted, inserted]) }}
{%- endmacro %}

{#
    The first day that a model of this layer has to rebuild, as a literal, so that the engine can skip stored blocks.
    Layers (metrics, milestones, points, scores) differ because editing weights must not recompute metrics.
    A first build and a full refresh start at the beginning.
#}
{% macro rebuild_from(layer='metrics') -%}
    {%- if not execute -%}
        {%- do ref(range_model(layer)) -%}
    {%- elif is_incremental() -%}
        cast('{{ of_range(layer, '') }}' as date)
    {%- else -%}
        {{ first_version_on() }}
    {%- endif -%}
{%- endmacro %}

{% macro range_model(layer) -%}
    {{ return({
        'product': 'int_product__rebuild_range', 'metrics': 'int_rebuild_range', 'milestones': 'int_rebuild_range',
    }.get(layer, 'int_scoring_range')) }}
{%- endmacro %}

{# What the range says of the first day of this layer: the day itself, or whether it compares so. #}
{% macro of_range(layer, comparison) -%}
    {{ return(run_query(
        "select " ~ layer ~ "_from_on " ~ comparison ~ " from " ~ ref(range_model(layer))
    ).columns[0].values()[0]) }}
{%- endmacro %}

{#
    In place of dbt's own: a range from the very beginning (new weights, say) replaces the table as a full refresh of
    the model would. It is written once, instead of being kept aside, deleted row by row and written again.
#}
{% macro should_full_refresh() -%}
    {%- set is_asked_for = config.get('full_refresh') -%}
    {%- if is_asked_for is none -%}
        {%- set is_asked_for = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if execute and not is_asked_for and config.get('incremental_strategy') == 'day_range' -%}
        {%- set is_asked_for = of_range(config.get('layer', 'metrics'), '<= ' ~ first_version_on()) -%}
    {%- endif -%}
    {%- if execute and config.get('inputs_are_cut') and flags.WHICH in runs_that_write() -%}
        {%- do refuse_cut_inputs(is_asked_for) -%}
    {%- endif -%}
    {{ return(is_asked_for) }}
{%- endmacro %}

{#
    A model with the config inputs_are_cut reads views that hold nothing before the first day that this build
    recomputes. Built from its beginning by itself it would lose its history in silence.
#}
{% macro refuse_cut_inputs(is_full_refresh) -%}
    {%- set layer = config.get('layer', 'metrics') -%}
    {%- if (is_full_refresh or load_relation(this) is none) and of_range(layer, '> ' ~ first_version_on()) -%}
        {%- do exceptions.raise_compiler_error(
            this.identifier ~ ' cannot be built from its beginning by itself: what it reads starts later. Build '
            ~ range_model(layer) ~ ' with it, with --full-refresh.'
        ) -%}
    {%- endif -%}
{%- endmacro %}
