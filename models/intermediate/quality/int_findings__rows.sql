-- Grain: one row per finding about rows as they arrived: refused files, quarantine, conservation, empty tables, changes
-- without a date.
{{ config(materialized='view') }}

with

landed as (

    -- a file that is offered again and again is told once a day
    select distinct
        finding,
        entity,
        detail,
        cast(found_at as date) as found_on
    from {{ source('landing', 'findings') }}

),

quarantined as (

    select
        quarantine.raw_table,
        quarantine.quarantine_reason,
        reasons.description,
        count(*) as row_count,
        -- users are known to some systems by their address
        min(case when quarantine.raw_table <> 'users' then quarantine.row_key end) as example_key
    from {{ ref('quarantine') }} as quarantine
    left join {{ ref('quarantine_reasons') }} as reasons
        on quarantine.quarantine_reason = reasons.reason
    group by 1, 2, 3

),

table_counts as (

    select * from {{ ref('int_row_conservation') }}

),

undated_changes as (

    select * from {{ ref('int_undated_changes') }}

),

final as (

    select finding, entity, detail, found_on from landed
    union all
    select
        'quarantined_rows' as finding,
        raw_table || '/' || quarantine_reason as entity,
        {{ counted('row_count', 'row') }} || coalesce(': ' || description, '')
        || case when example_key <> '' then ' (for example ' || example_key || ')' else '' end as detail,
        {{ as_of_date() }} as found_on
    from quarantined
    union all
    select
        'row_conservation_broken' as finding,
        raw_table as entity,
        {{ counted('raw_rows', 'raw row') }} || ', but '
        || cast(staged_rows as {{ dbt.type_string() }}) || ' staged, '
        || cast(superseded_rows as {{ dbt.type_string() }}) || ' superseded and '
        || cast(quarantined_rows as {{ dbt.type_string() }}) || ' quarantined' as detail,
        {{ as_of_date() }} as found_on
    from table_counts
    where not is_conserved
    union all
    select
        'table_empty' as finding,
        raw_table as entity,
        raw_table || ' has no rows' as detail,
        {{ as_of_date() }} as found_on
    from table_counts
    where raw_rows = 0
    union all
    select
        'change_without_updated_at' as finding,
        raw_table as entity,
        {{ counted('row_count', 'change') }} || ' of ' || raw_table || ' without updated_at' as detail,
        last_changed_on as found_on
    from undated_changes
    where row_count > 0

)

select * from final
