-- Grain: one row per account, condition of a milestone and stretch of days on which it holds, with the value it began
-- with.
-- A condition on an additive measure holds on the day of the fact; on a state, from the day on which it begins.
with

conditions as (

    select distinct
        measure,
        comparator,
        threshold
    from {{ ref('milestones') }}
    where measure is not null

),

measures as (

    select * from {{ ref('measures') }}

),

turns as (

    select
        *,
        lead(date_day) over (partition by account_id, metric, comparator, threshold order by date_day) as next_turn_on
    from {{ ref('int_milestone_turns') }}

),

facts as (

    select
        facts.account_id,
        facts.date_day,
        facts.measure,
        facts.value,
        measures.kind,
        lead(facts.date_day) over (partition by facts.account_id, facts.measure order by facts.date_day) as next_day
    from {{ ref('int_measures__unioned') }} as facts
    inner join measures
        on facts.measure = measures.measure
    where facts.measure in (select measure from conditions)

),

final as (

    select
        account_id,
        metric as observed,
        comparator,
        threshold,
        date_day as holds_from_on,
        -- what holds on the last day is not known to end
        coalesce(next_turn_on, {{ add_days(as_of_date(), 1) }}) as holds_until_on,
        value
    from turns
    where is_held
    union all
    select
        facts.account_id,
        facts.measure as observed,
        conditions.comparator,
        conditions.threshold,
        facts.date_day as holds_from_on,
        case
            when facts.kind = 'additive' then {{ add_days('facts.date_day', 1) }}
            else coalesce(facts.next_day, {{ open_end() }})
        end as holds_until_on,
        cast(facts.value as double) as value
    from facts
    inner join conditions
        on facts.measure = conditions.measure
    where {{ compares('facts.value', 'conditions.comparator', 'conditions.threshold') }}

)

select * from final
