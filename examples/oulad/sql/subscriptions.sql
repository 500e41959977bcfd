-- Grain: one row per registration, conditions (place until day 0, course from then on) and version.
-- A row opens with an empty end; the end is a version of its own on the day it becomes known, never before.
with

places as (

    select
        registrations.*,
        'place' as product,
        'new' as change_type,
        registrations.registered_on as valid_from,
        if(
            registrations.withdrawn_on <= registrations.course_starts_on,
            registrations.withdrawn_on,
            registrations.course_starts_on
        ) as valid_to,
        if(registrations.withdrawn_on <= registrations.course_starts_on, 'cancelled', 'replaced') as end_reason
    from registrations
    where registrations.registered_on < registrations.course_starts_on

),

courses_taken as (

    select
        registrations.*,
        'course' as product,
        if(registrations.registered_on < registrations.course_starts_on, 'plan_change', 'new') as change_type,
        -- nothing is known about the start of a registration without a date, so nothing is said
        if(
            registrations.registered_on < registrations.course_starts_on,
            registrations.course_starts_on,
            registrations.registered_on
        ) as valid_from,
        if(
            registrations.withdrawn_on < registrations.course_ends_on,
            registrations.withdrawn_on,
            registrations.course_ends_on
        ) as valid_to,
        if(registrations.withdrawn_on < registrations.course_ends_on, 'cancelled', 'completed') as end_reason
    from registrations
    where registrations.registered_on is null
        or registrations.registered_on >= registrations.course_starts_on
        or coalesce(registrations.withdrawn_on > registrations.course_starts_on, true)

),

conditions as (

    select * from places
    union all
    select * from courses_taken

),

opened as (

    -- what ends before it begins was never seen open: its one version says both
    select
        * exclude (valid_to, end_reason),
        cast(null as date) as valid_to,
        cast(null as varchar) as end_reason,
        valid_from as version_from
    from conditions
    where valid_to > valid_from

),

closed as (

    select
        * exclude (valid_to, end_reason),
        valid_to,
        end_reason,
        greatest(valid_from, valid_to) as version_from
    from conditions

),

versions as (

    select * from opened
    union all by name
    select * from closed

)

select
    account_id as subscription_item_id,
    valid_from,
    account_id as subscription_id,
    account_id,
    product,
    code_module || '_' || code_presentation as plan,
    cast(1 as double) as quantity,
    studied_credits as mrr,
    'USD' as currency,
    cast(null as double) as discount_pct,
    'paid' as billing_status,
    course_starts_on as term_starts_on,
    course_ends_on as term_ends_on,
    false as auto_renews,
    cast(null as timestamp) as cancel_requested_at,
    valid_to,
    change_type,
    end_reason,
    cast(version_from as timestamp) as updated_at
from versions
order by account_id, valid_from, updated_at
