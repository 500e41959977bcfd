-- Grain: one row per account, paid spell and stretch in which its revenue stood at one level, at constant exchange
-- rates (int_account_currency_rates); null while it is not known.
-- A fall that is made good within grace_days is a late signature, not a smaller contract: it counts as far as it lasts.
with

spells as (

    select * from {{ ref('int_paid_spells') }}

),

revenue as (

    select * from {{ ref('int_account_revenue') }}

),

sums as (

    select
        spells.account_id,
        spells.spell_number,
        spells.ends_on as spell_ends_on,
        revenue.changed_on,
        -- nothing at all in force is a gap within the spell, not revenue of nothing
        case when revenue.has_customer_item then revenue.mrr_constant_usd end as mrr_in_force
    from spells
    inner join revenue
        on spells.account_id = revenue.account_id
        and spells.starts_on <= revenue.changed_on
        and spells.ends_on > revenue.changed_on

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
