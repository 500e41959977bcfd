-- Grain: one row per path and instance of a clock: the path itself, and each yearly renewal within it.
-- Monthly terms renew every month; a path restarts at the first renewal of each year as a customer.
with

paths as (

    select * from {{ ref('int_journey_paths') }}

),

renewals as (

    select
        account_id,
        date_day as renewed_on
    from {{ ref('int_billing__measures') }}
    where measure = 'renewals'

),

yearly_renewals as (

    select
        paths.account_id,
        paths.spell_number,
        paths.desired_outcome,
        paths.path_number,
        paths.path_ends_on,
        floor({{ days_between('paths.spell_starts_on', 'renewals.renewed_on') }} / 360e0) as customer_year,
        min(renewals.renewed_on) as renewed_on
    from paths
    inner join renewals
        on paths.account_id = renewals.account_id
        and {{ add_days('paths.spell_starts_on', 360) }} <= renewals.renewed_on
        and paths.path_starts_on <= renewals.renewed_on
        and paths.path_ends_on > renewals.renewed_on
    group by 1, 2, 3, 4, 5, 6

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        'path' as clock_kind,
        1 as instance_number,
        spell_starts_on as counts_from_on,
        path_starts_on as clock_starts_on,
        path_ends_on as clock_ends_on
    from paths
    union all
    select
        account_id,
        spell_number,
        desired_outcome,
        path_number,
        'renewal' as clock_kind,
        cast(row_number() over (
            partition by account_id, spell_number, desired_outcome, path_number order by renewed_on
        ) as integer) as instance_number,
        renewed_on as counts_from_on,
        renewed_on as clock_starts_on,
        coalesce(
            lead(renewed_on) over (
                partition by account_id, spell_number, desired_outcome, path_number order by renewed_on
            ),
            path_ends_on
        ) as clock_ends_on
    from yearly_renewals

)

select * from final
