-- Grain: one row per account, desired outcome and interview about it that was held by the last day, as far as known
-- then.
with

versions as (

    select * from {{ ref('stg_crm__account_outcomes') }}
    where interview_on is not null

),

final as (

    select
        account_id,
        desired_outcome,
        interview_on
    from versions
    where interview_on <= {{ as_of_date() }}
        and valid_from_on <= {{ as_of_date() }}
    group by 1, 2, 3

)

select * from final
