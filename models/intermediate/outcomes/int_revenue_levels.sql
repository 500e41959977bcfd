-- Grain: one row per account, paid spell and stretch in which its revenue stood at one level, at constant exchange
-- rates.
-- A fall that is made good within grace_days is a late signature, not a smaller contract: it counts as far as it lasts.
with

spells as (

    select * from {{ ref('int_paid_spells') }}

),

periods as (

    select * from {{ ref('int_subscription_periods') }}
    where is_customer_item
        and starts_on <= {{ as_of_date() }}

),

constant_rates as (

    -- any fixed rate will do; the first does not move when a month is added
    select currency, usd_per_unit from {{ ref('stg_billing__exchange_rates') }}
    where valid_from_on = {{ first_version_on() }}

),

change_days as (

    select account_id, starts_on as changed_on from periods
    union
    select account_id, ends_on as changed_on from periods
    where ends_on <= {{ as_of_date() }}

),

sums as (

    select
        spells.account_id,
        spells.spell_number,
        spells.ends_on as spell_ends_on,
        change_days.changed_on,
        -- exact, so that equal contracts are equal; nothing at all in force is a gap within the spell, not revenue of
        -- nothing
        sum(cast(periods.mrr * coalesce(constant_rates.usd_per_unit, 1) as {{ money() }})) as mrr_in_force
    from spells
    inner join change_days
        on spells.account_id = change_days.account_id
        and spells.starts_on <= change_days.changed_on
        and spells.ends_on > change_days.changed_on
    left join periods
        on change_days.account_id = periods.account_id
        and change_days.changed_on >= periods.starts_on
        and change_days.changed_on < periods.ends_on
    left join constant_rates
        on periods.currency = constant_rates.currency
    group by 1, 2, 3, 4

),

carried as (

    select
        *,
        {{ last_known('mrr_in_force', 'account_id, spell_number', 'changed_on') }} as mrr_carried
    from sums

),

settled as (

    select
        *,
        lag(mrr_carried) over (partition by account_id, spell_number order by changed_on) as mrr_before,
        max(mrr_carried) over (
            partition by account_id, spell_number order by {{ day_number('changed_on') }}
            range between current row and {{ var('grace_days') }} following
        ) as mrr_soon
    from carried

),

levels as (

    select
        account_id,
        spell_number,
        changed_on,
        coalesce(
            lead(changed_on) over (partition by account_id, spell_number order by changed_on), spell_ends_on
        ) as ends_on,
        case when mrr_carried < mrr_before then least(mrr_before, mrr_soon) else mrr_carried end as mrr_usd
    from settled

),

stretches as (

    select
        *,
        lag(mrr_usd) over (partition by account_id, spell_number order by changed_on) as previous_mrr_usd
    from levels

),

changes as (

    select * from stretches
    where mrr_usd <> previous_mrr_usd

),

-- the levels of the longest horizon before a change: what a score could have been given at
levels_before as (

    select
        changes.account_id,
        changes.spell_number,
        changes.changed_on,
        max(earlier.mrr_usd) as highest_mrr_usd,
        min(earlier.mrr_usd) as lowest_mrr_usd
    from changes
    inner join stretches as earlier
        on changes.account_id = earlier.account_id
        and changes.spell_number = earlier.spell_number
        and changes.changed_on > earlier.changed_on
        and earlier.ends_on > {{ add_days('changes.changed_on', -(var('outcome_horizons') | max)) }}
    group by 1, 2, 3

),

final as (

    select
        stretches.account_id,
        stretches.spell_number,
        stretches.changed_on as starts_on,
        stretches.ends_on,
        stretches.mrr_usd,
        stretches.previous_mrr_usd,
        levels_before.highest_mrr_usd,
        levels_before.lowest_mrr_usd
    from stretches
    left join levels_before
        on stretches.account_id = levels_before.account_id
        and stretches.spell_number = levels_before.spell_number
        and stretches.changed_on = levels_before.changed_on

)

select * from final
