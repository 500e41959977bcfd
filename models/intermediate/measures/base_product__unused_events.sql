-- Grain: one row per raw row of usage_events that is not staged: copies and rows in quarantine.
-- They are few among very many, so they are kept, and only days that are rebuilt anyway are looked through again. A row
-- without a time that can be meant, or from the future, is decided anew on each build.
{{ config(
    schema='staging',
    materialized='incremental',
    incremental_strategy='day_range',
    layer='product',
    day_column='retried_from_on',
    may_repeat_rows=true,
) }}

with

events as (

    select * from {{ ref('base_product__usage_events') }}
    where occurred_at is null
        or occurred_at < {{ plausible_from_at() }}
        -- a timestamp, not a date, so that the engine reads only these days; a day of the reporting zone may begin
        -- earlier
        or occurred_at >= cast({{ add_days(rebuild_from('product'), -1) }} as timestamp)

),

dated as (

    select
        *,
        {{ event_day('occurred_at') }} as retried_from_on
    from events
    where row_fate <> 'staged'

),

final as (

    select
        event_id,
        retried_from_on,
        row_fate,
        quarantine_reason,
        raw_row,
        source_file,
        source_row,
        loaded_at
    from dated
    where retried_from_on >= {{ rebuild_from('product') }}

)

select * from final
