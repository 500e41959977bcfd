-- Grain: one row per finding.
-- Severity and advice come from finding_types.csv. What quality_exceptions.csv excuses is left out until its exception
-- expires; an exception that has expired, or excuses nothing, is a finding itself.
-- A finding tells of a fault in the data and must never become one: what it cannot name is told as '(none)', and what
-- is found twice is told once.
with

told as (

    select finding, entity, detail, found_on from {{ ref('int_findings__rows') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__late_rows') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__mappings') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__references') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__money') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__metrics') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__absence') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__configuration') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__overrides') }}
    union all
    select finding, entity, detail, found_on from {{ ref('int_findings__validation') }}

),

found as (

    select distinct
        finding,
        coalesce(entity, '(none)') as entity,
        coalesce(detail, '(none)') as detail,
        coalesce(cast(found_on as date), {{ as_of_date() }}) as found_on
    from told

),

exceptions as (

    select
        *,
        coalesce(expires_on, {{ open_end() }}) >= {{ as_of_date() }} as is_valid
    from {{ ref('quality_exceptions') }}

),

used_exceptions as (

    select distinct
        exceptions.finding,
        exceptions.entity
    from exceptions
    inner join found
        on exceptions.finding = found.finding
        and exceptions.entity = found.entity

),

about_exceptions as (

    select
        case when used_exceptions.finding is null then 'exception_unused' else 'exception_expired' end as finding,
        exceptions.finding || '/' || exceptions.entity as entity,
        case
            when used_exceptions.finding is null then 'excuses nothing: ' || exceptions.reason
            else 'expired on ' || cast(exceptions.expires_on as {{ dbt.type_string() }}) || ': ' || exceptions.reason
        end as detail,
        {{ as_of_date() }} as found_on
    from exceptions
    left join used_exceptions
        on exceptions.finding = used_exceptions.finding
        and exceptions.entity = used_exceptions.entity
    where used_exceptions.finding is null
        or not exceptions.is_valid

),

unexcused as (

    select found.*
    from found
    left join exceptions
        on found.finding = exceptions.finding
        and found.entity = exceptions.entity
        and exceptions.is_valid
    where exceptions.finding is null
    union all
    select finding, entity, detail, found_on from about_exceptions

),

final as (

    select
        unexcused.finding,
        coalesce(finding_types.severity, 'warn') as severity,
        unexcused.entity,
        unexcused.detail,
        unexcused.found_on,
        coalesce(finding_types.what_to_do, 'finding_types.csv does not say') as what_to_do
    from unexcused
    left join {{ ref('finding_types') }} as finding_types
        on unexcused.finding = finding_types.finding

)

select * from final
