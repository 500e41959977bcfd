-- Grain: one row per table of the raw contract.
-- Raw rows are counted where they arrive, their fates where they are used: usage events in the daily facts that they became,
-- so that this also tells whether day-by-day builds left an event behind, without reading all of them once more.
{% set base_models = {
    'accounts': 'base_crm__accounts',
    'account_identifiers': 'base_crm__account_identifiers',
    'csms': 'base_crm__csms',
    'account_outcomes': 'base_crm__account_outcomes',
    'milestone_plans': 'base_crm__milestone_plans',
    'users': 'base_crm__users',
    'support_tickets': 'base_support__tickets',
    'ticket_events': 'base_support__ticket_events',
    'subscriptions': 'base_billing__subscriptions',
    'invoice_lines': 'base_billing__invoice_lines',
    'survey_responses': 'base_survey__responses',
    'csm_pulses': 'base_crm__csm_pulses',
    'engagements': 'base_crm__engagements',
    'score_overrides': 'base_crm__score_overrides',
} %}

with

raw_counts as (

    select 'usage_events' as raw_table, count(*) as raw_rows from {{ source('raw', 'usage_events') }}
    {%- for raw_table in base_models %}
    union all
    select '{{ raw_table }}' as raw_table, count(*) as raw_rows from {{ source('raw', raw_table) }}
    {%- endfor %}

),

fate_counts as (

    select 'usage_events' as raw_table, 'staged' as row_fate, sum(events) as row_count
    from {{ ref('int_product__event_days') }}
    union all
    -- events of days that the build does not describe yet
    select 'usage_events' as raw_table, 'staged' as row_fate, count(*) as row_count
    from {{ ref('stg_product__usage_events') }}
    where occurred_on > {{ as_of_date() }}
        and occurred_at >= cast({{ as_of_date() }} as timestamp)
    union all
    select 'usage_events' as raw_table, row_fate, count(*) as row_count
    from {{ ref('base_product__unused_events') }}
    group by 2
    {%- for raw_table, base_model in base_models.items() %}
    union all
    select '{{ raw_table }}' as raw_table, row_fate, count(*) as row_count
    from {{ ref(base_model) }}
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
