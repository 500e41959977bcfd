{#
    What all sources have in common: the list of raw tables, and the shape of a measure.
#}

{#
    The one list of raw tables. Quarantine, conservation, source days, late rows, undated changes, account keys and the
    union of measures have an arm for each line, so a new table is one line here. dbt cannot read the contract
    (_raw__sources.yml) while it compiles; customer_health/configuration/sources.py compares the two.

    name         table of the contract
    source       system that delivers it; its measures are int_<source>__measures
    base         model that decides what becomes of each raw row
    staged       its typed view
    is_mutable   rows change: the staged view then has version_number and is_undated_version
    row_key      the contract's key without days and moments: how quarantine names a row
    day          column of the staged view: the day on which a row happened. None: rows are no daily facts, so the table
                 is never judged live or silent and no measure may come from it
    happened_at  over the base model: when a row happened or changed. None: its rows are never late
    plausible    columns that are asked whether their values can be meant (macros/plausible.sql):
                 moments  when a row happened, was created or changed: outside the range the row is quarantined
                 since    days from which something is valid: before the range means from the beginning
                 open     dates that become known later or are planned: after the range means open
                 numbers  least and most: outside them the row is quarantined
    has_own_arms too many rows to be read once more: models that count them by day have an arm written by hand
    makes_customers  rows say who is a customer, or exist beside it: they may lie on any day
#}
{% macro raw_tables() -%}
    {%- set changed_at = 'coalesce(updated_at, loaded_at)' -%}
    {{ return([
        {'name': 'accounts', 'source': 'crm', 'base': 'base_crm__accounts', 'staged': 'stg_crm__accounts',
            'is_mutable': true, 'row_key': ['account_id'], 'day': none, 'happened_at': changed_at,
            'plausible': {'moments': ['created_at', 'updated_at']}},
        {'name': 'account_identifiers', 'source': 'crm', 'base': 'base_crm__account_identifiers',
            'staged': 'stg_crm__account_keys',
            'is_mutable': false, 'row_key': ['source', 'external_id'], 'day': none, 'happened_at': none,
            'plausible': {'since': ['valid_from']}},
        {'name': 'csms', 'source': 'crm', 'base': 'base_crm__csms', 'staged': 'stg_crm__csms',
            'is_mutable': true, 'row_key': ['csm_id'], 'day': none, 'happened_at': none,
            'plausible': {'moments': ['updated_at'], 'numbers': {'weekly_hours': [0, 168]}}},
        {'name': 'account_outcomes', 'source': 'crm', 'base': 'base_crm__account_outcomes',
            'staged': 'stg_crm__account_outcomes',
            'is_mutable': true, 'row_key': ['account_id', 'desired_outcome'], 'day': none, 'happened_at': none,
            'plausible': {'moments': ['declared_on', 'updated_at'], 'open': ['ended_on', 'interview_on']}},
        {'name': 'milestone_plans', 'source': 'crm', 'base': 'base_crm__milestone_plans',
            'staged': 'stg_crm__milestone_plans',
            'is_mutable': true, 'row_key': ['account_id', 'milestone'], 'day': none, 'happened_at': none,
            'plausible': {'moments': ['updated_at'], 'open': ['due_on']}},
        {'name': 'users', 'source': 'crm', 'base': 'base_crm__users', 'staged': 'stg_crm__users',
            'is_mutable': true, 'row_key': ['user_id'], 'day': 'valid_from_on', 'happened_at': changed_at,
            'plausible': {'moments': ['created_at', 'updated_at'], 'open': ['deactivated_at']}, 'makes_customers': true},
        {'name': 'usage_events', 'source': 'product', 'base': 'base_product__unused_events',
            'staged': 'stg_product__usage_events', 'has_own_arms': true,
            'is_mutable': false, 'row_key': ['event_id'], 'day': 'occurred_on', 'happened_at': 'occurred_at',
            'plausible': {'moments': ['occurred_at'], 'numbers': {'quantity': [-10000000000, 10000000000]}}},
        {'name': 'support_tickets', 'source': 'support', 'base': 'base_support__tickets',
            'staged': 'stg_support__tickets',
            'is_mutable': true, 'row_key': ['ticket_id'], 'day': 'opened_on', 'happened_at': changed_at,
            'plausible': {
                'moments': ['opened_at', 'updated_at'], 'open': ['first_response_at', 'solved_at', 'csat_at'],
                'numbers': {'reopened_count': [0, 10000]},
            }},
        {'name': 'ticket_events', 'source': 'support', 'base': 'base_support__ticket_events',
            'staged': 'stg_support__ticket_events',
            'is_mutable': false, 'row_key': ['ticket_id'], 'day': 'changed_on', 'happened_at': 'changed_at',
            'plausible': {'moments': ['changed_at']}},
        {'name': 'subscriptions', 'source': 'billing', 'base': 'base_billing__subscriptions',
            'staged': 'stg_billing__subscriptions',
            'is_mutable': true, 'row_key': ['subscription_item_id'], 'day': 'starts_on', 'happened_at': changed_at,
            'plausible': {
                'moments': ['valid_from', 'updated_at'],
                'open': ['term_starts_on', 'term_ends_on', 'cancel_requested_at', 'valid_to'],
                'numbers': {
                    'quantity': [-1000000000, 1000000000], 'mrr': [-1000000000000, 1000000000000],
                    'discount_pct': [0, 100],
                },
            }, 'makes_customers': true},
        {'name': 'invoice_lines', 'source': 'billing', 'base': 'base_billing__invoice_lines',
            'staged': 'stg_billing__invoice_lines',
            'is_mutable': true, 'row_key': ['invoice_id', 'line_id'], 'day': 'issued_on', 'happened_at': changed_at,
            'plausible': {
                'moments': ['issued_on', 'updated_at'],
                'open': ['period_start', 'period_end', 'due_on', 'paid_on', 'refunded_on', 'voided_on',
                    'written_off_on'],
                'numbers': {
                    'amount': [-1000000000000, 1000000000000], 'amount_paid': [-1000000000000, 1000000000000],
                    'refunded_amount': [-1000000000000, 1000000000000],
                },
            }},
        {'name': 'payments', 'source': 'billing', 'base': 'base_billing__payments',
            'staged': 'stg_billing__payments',
            'is_mutable': true, 'row_key': ['payment_id'], 'day': 'attempted_on', 'happened_at': changed_at,
            'plausible': {
                'moments': ['attempted_at', 'updated_at'],
                'numbers': {'attempt': [0, 10000], 'amount': [-1000000000000, 1000000000000]},
            }},
        {'name': 'survey_responses', 'source': 'survey', 'base': 'base_survey__responses',
            'staged': 'stg_survey__responses', 'is_mutable': false, 'row_key': ['response_id'], 'day': 'sent_on',
            'happened_at': 'coalesce(responded_at, sent_at)',
            'plausible': {'moments': ['sent_at'], 'open': ['responded_at']}},
        {'name': 'csm_pulses', 'source': 'crm', 'base': 'base_crm__csm_pulses', 'staged': 'stg_crm__csm_pulses',
            'is_mutable': false, 'row_key': ['pulse_id'], 'day': 'recorded_on', 'happened_at': 'recorded_at',
            'plausible': {'moments': ['recorded_at']}},
        {'name': 'engagements', 'source': 'crm', 'base': 'base_crm__engagements', 'staged': 'stg_crm__engagements',
            'is_mutable': true, 'row_key': ['engagement_id'], 'day': 'occurred_on', 'happened_at': changed_at,
            'plausible': {'moments': ['occurred_at', 'updated_at'], 'open': ['closed_on', 'disposition_on']}},
        {'name': 'score_overrides', 'source': 'crm', 'base': 'base_crm__score_overrides',
            'staged': 'stg_crm__score_overrides',
            'is_mutable': true, 'row_key': ['override_id'], 'day': none, 'happened_at': none,
            'plausible': {'moments': ['created_at', 'updated_at'], 'open': ['expires_on']}},
    ]) }}
{%- endmacro %}

{#
    The columns that a measure may need (needs_columns of measures.csv): table, column, and over the staged view the day
    from which a row is known to fill it (no day: it does not).

    filled_on        what is filled later than its row (an answer, a payment) counts from its own day
    of_each_account  every row has something to say there, so an account whose rows say nothing is not recorded; of other
                     columns a single account may have none for good (nothing answered, nothing paid back)
    stands_for       the table and column of which the same can be told

    Of usage_events, int_product__first_days keeps the days by hand: user_id, and event_name where the mapping knows it.
#}
{% macro watched_columns() -%}
    {%- set known_on = 'case when {0} is not null then greatest({0}, valid_from_on) end' -%}
    {{ return({
        'users': {
            'is_champion': {'filled_on': 'case when has_champion_mark then valid_from_on end', 'of_each_account': true},
        },
        'usage_events': {
            'user_id': {'filled_on': none, 'of_each_account': true},
            'event_name': {'filled_on': none, 'of_each_account': true},
        },
        'support_tickets': {
            'priority': {'filled_on': 'case when has_priority then valid_from_on end', 'of_each_account': true},
            'first_response_at': {'filled_on': known_on.format(to_reporting_date('first_response_at'))},
            'csat': {'filled_on': 'case when csat_score is not null then greatest(csat_on, valid_from_on) end'},
            'reopened_count': {'filled_on': 'case when reopened_count is not null then greatest(valid_from_on, coalesce({},'
                ' valid_from_on)) end'.format(to_reporting_date('solved_at'))},
        },
        'ticket_events': {
            'status': {'filled_on': 'case when status is not null then changed_on end',
                'stands_for': ['support_tickets', 'reopened_count']},
        },
        'subscriptions': {
            'mrr': {'filled_on': 'case when has_mrr then valid_from_on end', 'of_each_account': true},
            'quantity': {'filled_on': 'case when seats is not null then valid_from_on end', 'of_each_account': true},
            'discount_pct': {'filled_on': 'case when has_discount_pct then valid_from_on end', 'of_each_account': true},
            'change_type': {'filled_on': 'case when change_type is not null then valid_from_on end',
                'of_each_account': true},
            'term_ends_on': {'filled_on': 'case when term_ends_on is not null then valid_from_on end'},
            'cancel_requested_at': {'filled_on': known_on.format('cancel_requested_on')},
        },
        'invoice_lines': {
            'due_on': {'filled_on': 'case when due_on is not null then valid_from_on end', 'of_each_account': true},
            'paid_on': {'filled_on': known_on.format('paid_on')},
            'refunded_on': {'filled_on': known_on.format('refunded_on')},
        },
        'payments': {
            'outcome': {'filled_on': 'case when outcome is not null then greatest(attempted_on, valid_from_on) end',
                'stands_for': ['invoice_lines', 'paid_on']},
        },
        'survey_responses': {
            'sent_at': {'filled_on': 'case when has_sent_at then sent_on end', 'of_each_account': true},
            'comment': {'filled_on': 'case when comment is not null then responded_on end'},
        },
    }) }}
{%- endmacro %}

{# Rows that were older than this when a column was first filled are rows without it; younger ones waited for it. #}
{% macro began_before(first_row_on, counts_from_on) -%}
    {{ first_row_on }} < {{ add_days(counts_from_on, -var('column_settling_days')) }}
{%- endmacro %}

{# Each source of the list once. #}
{% macro raw_sources() -%}
    {{ return(raw_tables() | map(attribute='source') | unique | list) }}
{%- endmacro %}

{# The shape of every int_<source>__measures: facts up to the last day that the build describes. #}
{% macro measure_rows(relation, from_day=none) -%}
    select
        account_id,
        date_day,
        measure,
        cast(value as {{ money() }}) as value
    from {{ relation }}
    where date_day <= {{ as_of_date() }}
        {%- if from_day %}
        and date_day >= {{ from_day }}
        {%- endif %}
{%- endmacro %}

{# The earliest day on which a column was filled, with the day of its row: both as one text, so that they stay together. #}
{% macro first_filled(filled_on, day) -%}
    min(case when {{ filled_on }} <= {{ as_of_date() }} then concat(
        cast({{ filled_on }} as {{ dbt.type_string() }}), '/', cast({{ day }} as {{ dbt.type_string() }})
    ) end)
{%- endmacro %}
