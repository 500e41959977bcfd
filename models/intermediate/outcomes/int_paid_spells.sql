-- Grain: one row per account and paid spell: a stretch in which something was paid for, or paused, without a break
-- longer than grace_days. How it ended counts as it was known when the days of grace were over, never as it was
-- corrected later.
with

periods as (

    select * from {{ ref('int_subscription_periods') }}
    where billing_status in ('paid', 'paused')
        and not coalesce(is_discount_item, false)
        and starts_on <= {{ as_of_date() }}

),

paid_periods as (

    select distinct
        account_id,
        starts_on,
        case when ends_on > {{ as_of_date() }} then {{ open_end() }} else ends_on end as ends_on
    from periods

),

numbered as (

    {{ numbered_spells('paid_periods') }}

),

spells as (

    select
        account_id,
        spell_number,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on,
        case
            when max(ends_on) < {{ open_end() }} then {{ add_days('max(ends_on)', var('grace_days')) }}
            else {{ open_end() }}
        end as decided_on
    from numbered
    group by 1, 2

),

-- what was last sold of each item that ran to the end of the spell, in the newest version known when that was decided
last_rows as (

    select
        spells.account_id,
        spells.spell_number,
        versions.end_reason,
        row_number() over (
            partition by spells.account_id, spells.spell_number, versions.subscription_item_id
            order by versions.starts_on desc, versions.version_number desc
        ) as newest_first
    from spells
    inner join periods
        on spells.account_id = periods.account_id
        and spells.ends_on = periods.ends_on
    inner join {{ ref('stg_billing__subscriptions') }} as versions
        on periods.subscription_item_id = versions.subscription_item_id
        and spells.ends_on > versions.starts_on
        and spells.decided_on >= versions.valid_from_on
    where spells.decided_on <= {{ as_of_date() }}

),

endings as (

    select
        account_id,
        spell_number,
        min(end_reason) as end_reason,
        bool_and(coalesce(end_reason = 'completed', false)) as is_completed
    from last_rows
    where newest_first = 1
    group by 1, 2

),

final as (

    select
        spells.account_id,
        spells.spell_number,
        spells.starts_on,
        spells.ends_on,
        spells.decided_on,
        endings.end_reason,
        spells.decided_on <= {{ as_of_date() }} and not coalesce(endings.is_completed, false) as has_left
    from spells
    left join endings
        on spells.account_id = endings.account_id
        and spells.spell_number = endings.spell_number

)

select * from final
