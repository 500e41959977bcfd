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
        first_response_at,
        solved_at,
        reopened_count,
        csat as csat_score,
        {{ to_reporting_date('coalesce(csat_at, solved_at)') }} as csat_on,
        updated_at is null as is_undated_version,
        {{ version_columns(['ticket_id'], 'opened_at') }}
    from staged

)

select * from renamed
