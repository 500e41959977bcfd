-- Grain: one row: the first day whose product facts this build has to compute anew.
-- Events that arrived since the last complete build reach back to their own day, and so do users and accounts: one that
-- is new frees its events from quarantine, a user that moved takes later events along, an account that became a
-- customer earlier than was known has no use until then, an event that is corrected was counted on another day. A first
-- build and a changed mapping start at the beginning.
-- depends_on: {{ ref('int_account_changes') }}
{{ config(reads_build_log=true, post_hook="{{ log_reach({'rebuilt_product': 'product_from_on'}) }}") }}

with

last_complete_build as (

    {{ last_complete_build() }}

),

raw_events as (

    -- an event that cannot be meant must not have all days computed anew for ever
    select * from ({{ raw_rows('usage_events') }}) as raw_rows
    where occurred_at >= {{ plausible_from_at() }}

),

users as (

    select * from {{ ref('stg_crm__users') }}

),

raw_accounts as (

    select * from {{ ref('base_crm__accounts') }}
    -- an account that waited in quarantine is as new as the row that freed it
    where row_fate = 'staged'

),

repeated_events as (

    select * from {{ ref('base_product__repeated_events') }}

),

raw_identifiers as (

    select * from {{ ref('base_crm__account_identifiers') }}

),

new_accounts as (

    select account_id from raw_accounts
    group by account_id
    having bool_and({{ is_unread('accounts', 'loaded_at') }})
    union
    select account_id from raw_identifiers
    where {{ is_unread('account_identifiers', 'loaded_at') }}

),

new_entities as (

    select user_id as entity_id from users
    group by user_id
    having bool_and({{ is_unread('users', 'loaded_at') }})
    union
    -- users who waited in quarantine for their account are as new as the account
    select user_id as entity_id from users
    where account_id in (select account_id from new_accounts)
    union
    select account_id as entity_id from new_accounts
    union
    -- so are ids that came before the account that they mean
    select external_id as entity_id from raw_identifiers
    where {{ is_unread('account_identifiers', 'loaded_at') }}
        or account_id in (select account_id from new_accounts)

),

events_sent_again as (

    select raw_events.event_id
    from repeated_events
    inner join raw_events
        on repeated_events.event_id = raw_events.event_id
    where {{ is_unread('usage_events', 'raw_events.loaded_at') }}

),

reaches as (

    select {{ to_reporting_date('min(occurred_at)') }} as from_on
    from raw_events
    where {{ is_unread('usage_events', 'loaded_at') }}
    union all
    -- one that is corrected was counted on the day that it named before
    select {{ to_reporting_date('min(occurred_at)') }} as from_on
    from raw_events
    where event_id in (select event_id from events_sent_again)
    union all
    select {{ to_reporting_date('min(occurred_at)') }} as from_on
    from raw_events
    where user_id in (select entity_id from new_entities)
    union all
    select {{ to_reporting_date('min(occurred_at)') }} as from_on
    from raw_events
    where account_id in (select entity_id from new_entities)
    union all
    select min(users.valid_from_on) as from_on
    from users
    left join new_entities
        on users.user_id = new_entities.entity_id
    where {{ is_unread('users', 'users.loaded_at') }}
        and new_entities.entity_id is null
    union all
    select min(dirty_from_on) as from_on
    from {{ build_log('dirty_days') }}
    where model in ('int_account_changes', 'requested', 'rebuilt_product')
        and logged_at > (select completed_at from last_complete_build)
    union all
    select {{ first_version_on() }} as from_on
    from last_complete_build
    where metrics_configuration not like {{ product_configuration() }} || ' %'
    union all
    select {{ add_days(as_of_date(), 1 - var('lookback_days')) }} as from_on
    union all
    -- events may lie in raw already whose days no build has described yet
    select {{ add_days('last_complete_build.as_of_date', 1) }} as from_on
    from last_complete_build

),

final as (

    select coalesce(min(from_on), {{ first_version_on() }}) as product_from_on
    from reaches

)

select * from final
