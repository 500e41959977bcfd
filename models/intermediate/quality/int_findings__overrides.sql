-- Grain: one row per finding about an override: one that has expired, or that names what does not exist.
{{ config(materialized='view') }}

{% set override_memory_days = 90 %}

with

overrides as (

    select * from {{ ref('stg_crm__score_overrides') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

grades as (

    select distinct grade from {{ ref('grades') }}

),

final as (

    select
        'override_expired' as finding,
        override_id as entity,
        'grade ' || grade || ' of account ' || account_id || ' no longer counts' as detail,
        expires_on as found_on
    from overrides
    where expires_on <= {{ as_of_date() }}
        and expires_on > {{ add_days(as_of_date(), -override_memory_days) }}
    union all
    select
        'override_invalid' as finding,
        override_id as entity,
        case
            when grade not in (select grade from grades) then 'grades.csv has no grade ' || grade
            else 'scorecards.csv has no scorecard ' || scorecard
        end as detail,
        created_on as found_on
    from overrides
    where grade not in (select grade from grades)
        or scorecard not in (select scorecard from {{ ref('scorecards') }})

)

select * from final
