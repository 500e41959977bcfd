-- Grain: one row per measure that hangs on columns or on a mapping: since when it is known, for all accounts; no day
-- while it is not. A measure that is not listed is known whenever its table has rows. instrumentation.csv overrules
-- this.
with

measures as (

    select * from {{ ref('measures') }}

),

fills as (

    select * from {{ ref('int_column_fills') }}
    where account_id = ''

),

tracked as (

    select distinct measure from {{ ref('instrumentation') }}
    where account_id is null

),

mapped as (

    select measure from {{ ref('product_event_measures') }}
    union
    select measure from {{ ref('engagement_measures') }}

),

needs as (

    select
        measures.measure,
        watched.raw_table,
        watched.column_name
    from measures
    inner join (
        {% for table, columns in watched_columns().items() -%}
        {% set last_table = loop.last -%}
        {% for column in columns -%}
        select '{{ table }}' as raw_table, '{{ column }}' as column_name
        {{ 'union all' if not (loop.last and last_table) }}
        {% endfor -%}
        {% endfor -%}
    ) as watched
        on measures.raw_table = watched.raw_table
        and {{ list_contains_item('measures.needs_columns', 'watched.column_name') }}
    union all
    select
        measures.measure,
        'measures' as raw_table,
        measures.measure as column_name
    from measures
    inner join mapped
        on measures.measure = mapped.measure

),

final as (

    select
        needs.measure,
        case when count(*) = count(fills.changed_on) then max(fills.changed_on) end as instrumented_from_on,
        case when count(*) = count(fills.changed_on) then max(fills.counts_from_on) end as counts_from_on,
        coalesce(bool_or(fills.has_rows_before), false) as has_rows_before,
        {{ sorted_list(
            "case when fills.changed_on is null and needs.raw_table <> 'measures' then needs.column_name end"
        ) }}
            as missing_columns
    from needs
    left join fills
        on needs.raw_table = fills.raw_table
        and needs.column_name = fills.column_name
    left join tracked
        on needs.measure = tracked.measure
    where tracked.measure is null
    group by 1

)

select * from final
