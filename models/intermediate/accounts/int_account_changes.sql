-- Grain: one row per account and day on which anything that the index shows changes: the state from that day on.
-- The end of a spell is a row too (spell_number null), so that stored rows differ from recomputed ones exactly from
-- the first day that is really different.
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='changed_on') }}

with

spells as (

    select * from {{ ref('int_account_spells') }}

),

contracts as (

    select
        *,
        coalesce(lead(changed_on) over (partition by account_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_account_contracts') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

outcomes as (

    select * from {{ ref('int_account_outcomes') }}

),

default_outcome as (

    select min(desired_outcome) as desired_outcome
    from {{ ref('desired_outcomes') }}
    where is_default

),

change_days as (

    select account_id, spell_starts_on as changed_on from spells
    union
    select account_id, spell_ends_on as changed_on from spells
    union
    select account_id, changed_on from contracts
    union
    select account_id, valid_from_on as changed_on from accounts
    union
    select account_id, starts_on as changed_on from outcomes
    union
    select account_id, ends_on as changed_on from outcomes

),

outcome_states as (

    select
        change_days.account_id,
        change_days.changed_on,
        outcomes.desired_outcome,
        row_number() over (
            partition by change_days.account_id, change_days.changed_on
            order by outcomes.is_primary desc, outcomes.declared_on, outcomes.desired_outcome
        ) as precedence
    from change_days
    inner join outcomes
        on change_days.account_id = outcomes.account_id
        and change_days.changed_on >= outcomes.starts_on
        and change_days.changed_on < outcomes.ends_on

),

declared as (

    select
        account_id,
        changed_on,
        {{ sorted_list('desired_outcome') }} as desired_outcomes,
        max(case when precedence = 1 then desired_outcome end) as primary_outcome
    from outcome_states
    group by 1, 2

),

states as (

    select
        change_days.account_id,
        change_days.changed_on,
        case when accounts.account_id is not null then spells.spell_number end as spell_number,
        spells.spell_starts_on,
        not coalesce(contracts.has_customer_item, false) as is_in_grace,
        accounts.segment,
        coalesce(declared.desired_outcomes, default_outcome.desired_outcome) as desired_outcomes,
        coalesce(declared.primary_outcome, default_outcome.desired_outcome) as primary_outcome,
        contracts.products,
        case when contracts.account_id is null then 0 else contracts.mrr_usd end as mrr_usd,
        coalesce(contracts.seats, 0) as seats
    from change_days
    cross join default_outcome
    left join spells
        on change_days.account_id = spells.account_id
        and change_days.changed_on >= spells.spell_starts_on
        and change_days.changed_on < spells.spell_ends_on
    left join accounts
        on change_days.account_id = accounts.account_id
        and change_days.changed_on >= accounts.valid_from_on
        and change_days.changed_on < accounts.valid_to_on
    left join contracts
        on change_days.account_id = contracts.account_id
        and change_days.changed_on >= contracts.changed_on
        and change_days.changed_on < contracts.ends_on
    left join declared
        on change_days.account_id = declared.account_id
        and change_days.changed_on = declared.changed_on
    where change_days.changed_on <= {{ as_of_date() }}

),

{% set state_columns = ['spell_number', 'spell_starts_on', 'is_in_grace', 'segment', 'desired_outcomes',
    'primary_outcome', 'products', 'mrr_usd', 'seats'] %}

compared as (

    select
        *,
        {{ fingerprint(state_columns) }} as state,
        lag({{ fingerprint(state_columns) }}) over (partition by account_id order by changed_on) as previous_state,
        lag(spell_number) over (partition by account_id order by changed_on) as previous_spell_number
    from states

),

final as (

    select
        account_id,
        changed_on,
        {{ state_columns | join(',\n        ') }}
    from compared
    -- what changes while an account is no customer belongs to nobody's index
    where (state <> previous_state or previous_state is null)
        and (spell_number is not null or previous_spell_number is not null)

)

select * from final
