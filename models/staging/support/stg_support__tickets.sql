-- Grain: one row per ticket and version.
with

staged as (

    select * from {{ ref('base_support__tickets') }}
    where row_fate = 'staged'

),

renamed as (

    select
        ticket_id,
        resolved_account_id as account_id,
        channel,
        coalesce(priority, 'normal') as priority,
        priority is not null as has_priority,
        category,
        opened_at,
        {{ to_reporting_date('opened_at') }} as opened_on,
        {{ known_later(['ticket_id'], 'first_response_at') }} as first_response_at,
        {{ known_later(['ticket_id'], 'solved_at') }} as solved_at,
        {{ known_later(['ticket_id'], 'coalesce(csat_at, solved_at)', 'csat') }} as csat_score,
        {{ to_reporting_date(known_later(['ticket_id'], 'csat_at', 'coalesce(csat_at, solved_at)')) }} as csat_on,
        reopened_count,
        {{ version_columns(['ticket_id'], 'opened_at') }}
    from staged

)

select * from renamed
