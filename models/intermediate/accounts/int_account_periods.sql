-- Grain: one row per account and stretch of customer days in which nothing about it changes, its tenure band included.
with

changes as (

    select
        *,
        coalesce(
            lead(changed_on) over (partition by account_id order by changed_on),
            {{ add_days(as_of_date(), 1) }}
        ) as ends_on
    from {{ ref('int_account_changes') }}

),

tenure_bands as (

    select * from {{ ref('tenure_bands') }}

),

banded as (

    select
        changes.*,
        tenure_bands.tenure_band,
        greatest(
            changes.changed_on,
            {{ add_days('changes.spell_starts_on', 'tenure_bands.from_tenure_days') }}
        ) as period_starts_on,
        least(
            changes.ends_on,
            coalesce({{ add_days('changes.spell_starts_on', 'tenure_bands.to_tenure_days') }}, {{ open_end() }})
        ) as period_ends_on
    from changes
    cross join tenure_bands
    where changes.spell_number is not null

),

final as (

    select
        account_id,
        period_starts_on,
        period_ends_on,
        spell_number,
        spell_starts_on,
        tenure_band,
        is_in_grace,
        segment,
        desired_outcomes,
        primary_outcome,
        products,
        mrr_usd,
        seats
    from banded
    where period_starts_on < period_ends_on

)

select * from final
