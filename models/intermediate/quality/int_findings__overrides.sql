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

scorecards as (

    select distinct scorecard from {{ ref('scorecards') }}

),

invalid as (

    select
        overrides.*,
        grades.grade is not null as is_known_grade
    from overrides
    left join grades
        on overrides.grade = grades.grade
    left join scorecards
        on overrides.scorecard = scorecards.scorecard
    where grades.grade is null
        or scorecards.scorecard is null

),

final as (

    select
        'override_expired' as finding,
        override_id as entity,
        'grade ' || coalesce(grade, '(none)') || ' of account ' || account_id || ' no longer counts' as detail,
        expires_on as found_on
    from overrides
    where expires_on <= {{ as_of_date() }}
        and expires_on > {{ add_days(as_of_date(), -override_memory_days) }}
    union all
    select
        'override_invalid' as finding,
        override_id as entity,
        case
            when not is_known_grade then 'grades.csv has no grade ' || coalesce(grade, '(none)')
            else 'scorecards.csv has no scorecard ' || coalesce(scorecard, '(none)')
        end as detail,
        created_on as found_on
    from invalid

)

select * from final
