-- Grain: one row per survey sent, answered or not.
with

staged as (

    select * from {{ ref('base_survey__responses') }}
    where row_fate = 'staged'

),

renamed as (

    select
        response_id,
        resolved_account_id as account_id,
        user_id,
        known_survey as survey,
        question,
        {{ to_reporting_date('coalesce(sent_at, responded_at)') }} as sent_on,
        sent_at is not null as has_sent_at,
        {{ to_reporting_date('responded_at') }} as responded_on,
        score,
        comment
    from staged

)

select * from renamed
