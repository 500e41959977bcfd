-- Grain: one row per account, spell, desired outcome and unbroken stretch of days in which the account is on its path.
-- An outcome that is declared later starts its own clock: nobody is late for what they did not want yet.
with

periods as (

    select * from {{ ref('int_account_periods') }}

),

desired_outcomes as (

    select desired_outcome from {{ ref('desired_outcomes') }}

),

outcome_periods as (

    select
        periods.account_id,
        periods.spell_number,
        periods.spell_starts_on,
        desired_outcomes.desired_outcome,
        periods.period_starts_on,
        periods.period_ends_on,
        lag(periods.period_ends_on) over (
            partition by periods.account_id, periods.spell_number, desired_outcomes.desired_outcome
            order by periods.period_starts_on
        ) as previous_ends_on
    from periods
    inner join desired_outcomes
        on {{ list_contains_item('periods.desired_outcomes', 'desired_outcomes.desired_outcome') }}

),

numbered as (

    select
        *,
        sum(case when period_starts_on = previous_ends_on then 0 else 1 end) over (
            partition by account_id, spell_number, desired_outcome order by period_starts_on
            rows between unbounded preceding and current row
        ) as path_number
    from outcome_periods

),

final as (

    select
        account_id,
        spell_number,
        desired_outcome,
        cast(path_number as integer) as path_number,
        spell_starts_on,
        min(period_starts_on) as path_starts_on,
        max(period_ends_on) as path_ends_on
    from numbered
    group by 1, 2, 3, 4, 5

)

select * from final
