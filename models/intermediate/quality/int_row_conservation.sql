-- Grain: one row per table of the raw contract.
-- Raw rows are counted where they arrive, their fates where they are used: usage events in the daily facts that they
-- became, so that this also tells whether day-by-day builds left an event behind, without reading all of them once
-- more.
with

raw_counts as (

    {% for table in raw_tables() -%}
    select '{{ table.name }}' as raw_table, count(*) as raw_rows from {{ source('raw', table.name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted_events as (

    select 'usage_events' as raw_table, 'staged' as row_fate, sum(events) as row_count
    from {{ ref('int_product__event_days') }}
    union all
    -- events of days that the build does not describe yet
    select 'usage_events' as raw_table, 'staged' as row_fate, count(*) as row_count
    from {{ ref('stg_product__usage_events') }}
    where occurred_on > {{ as_of_date() }}
        and occurred_at >= cast({{ as_of_date() }} as timestamp)

),

fate_counts as (

    select raw_table, row_fate, row_count from counted_events
    {%- for table in raw_tables() %}
    union all
    select '{{ table.name }}' as raw_table, row_fate, count(*) as row_count
    from {{ ref(table.base) }}
    group by 2
    {%- endfor %}

),

fates as (

    select
        raw_table,
        coalesce(sum(case when row_fate = 'staged' then row_count end), 0) as staged_rows,
        coalesce(sum(case when row_fate = 'superseded' then row_count end), 0) as superseded_rows,
        coalesce(sum(case when row_fate = 'quarantined' then row_count end), 0) as quarantined_rows
    from fate_counts
    group by 1

),

final as (

    select
        raw_counts.raw_table,
        cast(raw_counts.raw_rows as bigint) as raw_rows,
        cast(coalesce(fates.staged_rows, 0) as bigint) as staged_rows,
        cast(coalesce(fates.superseded_rows, 0) as bigint) as superseded_rows,
        cast(coalesce(fates.quarantined_rows, 0) as bigint) as quarantined_rows,
        raw_counts.raw_rows
        = coalesce(fates.staged_rows + fates.superseded_rows + fates.quarantined_rows, 0) as is_conserved
    from raw_counts
    left join fates
        on raw_counts.raw_table = fates.raw_table

)

select * from final
