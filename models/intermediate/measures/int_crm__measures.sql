-- Grain: one row per account, day and CRM measure.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='date_day') }}

with

pulses as (

    select * from {{ ref('stg_crm__csm_pulses') }}

),

engagements as (

    select
        *,
        lag(status) over (partition by engagement_id order by version_number) as previous_status
    from {{ ref('stg_crm__engagements') }}

),

engagement_measures as (

    select * from {{ ref('engagement_measures') }}
    where measure is not null

),

users as (

    select
        account_id,
        is_champion,
        valid_from_on as starts_on,
        least(valid_to_on, coalesce(deactivated_on, {{ open_end() }})) as ends_on
    from {{ ref('stg_crm__users') }}

),

user_periods as (

    select * from users
    where starts_on < ends_on

),

champion_periods as (

    select * from user_periods
    where is_champion

),

customer_starts as (

    select
        account_id,
        min(spell_starts_on) as date_day
    from {{ ref('int_account_spells') }}
    group by 1

),

-- several judgements of one day count as their mean
pulse_states as (

    select account_id, recorded_on as date_day, 'pulse' as measure, avg(pulse) as value
    from pulses
    group by 1, 2

),

user_states as (

    select account_id, date_day, 'registered_users' as measure, value
    from ({{ open_intervals('user_periods') }}) as registered
    union all
    select account_id, date_day, 'active_champions' as measure, value
    from ({{ open_intervals('champion_periods') }}) as champions

),

-- an account whose users are known and include no champion has zero champions
first_states as (

    select
        customer_starts.account_id,
        customer_starts.date_day,
        measures.measure,
        0 as value
    from customer_starts
    cross join (
        select 'registered_users' as measure
        union all
        select 'active_champions' as measure
    ) as measures
    where not exists (
            select 1 from user_states
            where user_states.account_id = customer_starts.account_id
                and user_states.measure = measures.measure
                and user_states.date_day <= customer_starts.date_day
        )

),

completed as (

    select
        engagements.account_id,
        greatest(coalesce(engagements.closed_on, engagements.occurred_on), engagements.valid_from_on) as date_day,
        engagement_measures.measure,
        count(*) as value
    from engagements
    inner join engagement_measures
        on engagements.kind = engagement_measures.kind
    where engagements.status = 'completed'
        and (engagements.previous_status is null or engagements.previous_status <> 'completed')
    group by 1, 2, 3

),

unioned as (

    select * from pulse_states
    union all
    select * from user_states
    union all
    select * from first_states
    union all
    select * from completed

),

final as (

    {{ measure_rows('unioned') }}

)

select * from final
