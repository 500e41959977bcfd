-- Grain: one row per event id that arrived more than once.
-- Copies are rare: finding the few repeated ids first spares a sort of all events.
{{ config(materialized='incremental', incremental_strategy='append') }}

with

raw_rows as (

    {{ raw_rows('usage_events') }}

),

candidates as (

    select {{ fingerprint(['event_id']) }} as id_fingerprint
    from raw_rows
    {% if is_incremental() %}
    where {{ is_unread('usage_events', 'loaded_at') }}
    {% endif %}
    group by 1
    {% if not is_incremental() %}
    having count(*) > 1
    {% endif %}

),

repeated as (

    select raw_rows.event_id
    from raw_rows
    inner join candidates
        on {{ fingerprint(['raw_rows.event_id']) }} = candidates.id_fingerprint
    where raw_rows.event_id is not null
    {% if is_incremental() %}
        and {{ is_in_none_of('raw_rows.event_id', this) }}
    {% endif %}
    group by 1
    having count(*) > 1

)

select * from repeated
