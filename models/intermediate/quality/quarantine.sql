{{ config(schema='staging') }}

-- Grain: one row per raw row that could not be used, with its reason.
-- Rows come back by themselves: each build decides every fate anew, so an account that arrives later frees its rows.
-- A new source adds one arm here and one in int_row_conservation.
with

accounts as (

    select {{ quarantine_columns('crm', 'accounts', "coalesce(account_id, '')") }}
    from {{ ref('base_crm__accounts') }}
    where row_fate = 'quarantined'

),

account_identifiers as (

    select {{ quarantine_columns('crm', 'account_identifiers', "coalesce(source, '') || '/' || coalesce(external_id, '')") }}
    from {{ ref('base_crm__account_identifiers') }}
    where row_fate = 'quarantined'

),

csms as (

    select {{ quarantine_columns('crm', 'csms', "coalesce(csm_id, '')") }}
    from {{ ref('base_crm__csms') }}
    where row_fate = 'quarantined'

),

account_outcomes as (

    select {{ quarantine_columns('crm', 'account_outcomes', "coalesce(account_id, '') || '/' || coalesce(desired_outcome, '')") }}
    from {{ ref('base_crm__account_outcomes') }}
    where row_fate = 'quarantined'

),

milestone_plans as (

    select {{ quarantine_columns('crm', 'milestone_plans', "coalesce(account_id, '') || '/' || coalesce(milestone, '')") }}
    from {{ ref('base_crm__milestone_plans') }}
    where row_fate = 'quarantined'

),

users as (

    select {{ quarantine_columns('crm', 'users', "coalesce(user_id, '')") }}
    from {{ ref('base_crm__users') }}
    where row_fate = 'quarantined'

),

usage_events as (

    select {{ quarantine_columns('product', 'usage_events', "coalesce(event_id, '')") }}
    from {{ ref('base_product__unused_events') }}
    where row_fate = 'quarantined'

),

support_tickets as (

    select {{ quarantine_columns('support', 'support_tickets', "coalesce(ticket_id, '')") }}
    from {{ ref('base_support__tickets') }}
    where row_fate = 'quarantined'

),

ticket_events as (

    select {{ quarantine_columns('support', 'ticket_events', "coalesce(ticket_id, '')") }}
    from {{ ref('base_support__ticket_events') }}
    where row_fate = 'quarantined'

),

subscriptions as (

    select {{ quarantine_columns('billing', 'subscriptions', "coalesce(subscription_item_id, '')") }}
    from {{ ref('base_billing__subscriptions') }}
    where row_fate = 'quarantined'

),

invoice_lines as (

    select {{ quarantine_columns('billing', 'invoice_lines', "coalesce(invoice_id, '') || '/' || coalesce(line_id, '')") }}
    from {{ ref('base_billing__invoice_lines') }}
    where row_fate = 'quarantined'

),

survey_responses as (

    select {{ quarantine_columns('survey', 'survey_responses', "coalesce(response_id, '')") }}
    from {{ ref('base_survey__responses') }}
    where row_fate = 'quarantined'

),

csm_pulses as (

    select {{ quarantine_columns('crm', 'csm_pulses', "coalesce(pulse_id, '')") }}
    from {{ ref('base_crm__csm_pulses') }}
    where row_fate = 'quarantined'

),

engagements as (

    select {{ quarantine_columns('crm', 'engagements', "coalesce(engagement_id, '')") }}
    from {{ ref('base_crm__engagements') }}
    where row_fate = 'quarantined'

),

score_overrides as (

    select {{ quarantine_columns('crm', 'score_overrides', "coalesce(override_id, '')") }}
    from {{ ref('base_crm__score_overrides') }}
    where row_fate = 'quarantined'

),

unioned as (

    select * from accounts
    union all
    select * from account_identifiers
    union all
    select * from csms
    union all
    select * from account_outcomes
    union all
    select * from milestone_plans
    union all
    select * from users
    union all
    select * from usage_events
    union all
    select * from support_tickets
    union all
    select * from ticket_events
    union all
    select * from subscriptions
    union all
    select * from invoice_lines
    union all
    select * from survey_responses
    union all
    select * from csm_pulses
    union all
    select * from engagements
    union all
    select * from score_overrides

)

select * from unioned
