-- Grain: one row per account, month end on which it paid for something, and outcome it might meet: in how many days it
-- did.
-- Observed from the first day on which use was recorded. days_decided says up to how many days ahead that is settled by
-- the last day, in steps of the spans by which anything is judged. A horizon beyond it is censored, and so is what came
-- later: a night that settles nothing changes nothing here, and what is computed from it is left alone.
with

levels as (

    select * from {{ ref('int_revenue_levels') }}

),

spells as (

    select * from {{ ref('int_paid_spells') }}

),

contractions as (

    select * from {{ ref('int_observed_outcomes') }}
    where outcome = 'contracted'

),

-- Contracts, invoices and notes tell of years before use was recorded, but only of customers who were still there when
-- recording began: whoever had left by then is missing, and the others could not leave.
record as (

    select coalesce(min(date_day), {{ first_version_on() }}) as begins_on
    from {{ ref('int_source_days') }}
    where raw_table = 'usage_events'

),

month_ends as (

    select
        account_days.account_id,
        account_days.date_day,
        {{ days_between('account_days.date_day', as_of_date()) }} - {{ var('grace_days') }} as days_over
    from {{ ref('int_account_days') }} as account_days
    inner join record
        on account_days.date_day >= record.begins_on
    where account_days.date_day = {{ dbt.last_day('account_days.date_day', 'month') }}

),

customers as (

    select
        month_ends.account_id,
        month_ends.date_day,
        case
            {% for days in judged_days() -%}
            when month_ends.days_over >= {{ days }} then {{ days }}
            {% endfor %}
        end as days_decided,
        levels.mrr_usd,
        case when spells.has_left then {{ days_between('month_ends.date_day', 'spells.ends_on') }} end as days_to_churn
    from month_ends
    inner join levels
        on month_ends.account_id = levels.account_id
        and month_ends.date_day >= levels.starts_on
        and month_ends.date_day < levels.ends_on
    inner join spells
        on levels.account_id = spells.account_id
        and levels.spell_number = spells.spell_number
    where month_ends.days_over >= {{ var('outcome_horizons') | min }}

),

days_to_contraction as (

    select
        customers.account_id,
        customers.date_day,
        min({{ days_between('customers.date_day', 'contractions.outcome_on') }}) as days_to_contraction
    from customers
    inner join contractions
        on customers.account_id = contractions.account_id
        and customers.date_day < contractions.outcome_on
        and 100 * contractions.value <= {{ 100 - var('contraction_pct') }} * customers.mrr_usd
    group by 1, 2

),

observed as (

    select
        account_id,
        date_day,
        'churned' as outcome,
        mrr_usd,
        days_to_churn as days_to_outcome,
        days_decided
    from customers
    union all
    -- whoever leaves pays less, too
    select
        customers.account_id,
        customers.date_day,
        'contracted' as outcome,
        customers.mrr_usd,
        least(
            coalesce(customers.days_to_churn, days_to_contraction.days_to_contraction),
            coalesce(days_to_contraction.days_to_contraction, customers.days_to_churn)
        ) as days_to_outcome,
        customers.days_decided
    from customers
    left join days_to_contraction
        on customers.account_id = days_to_contraction.account_id
        and customers.date_day = days_to_contraction.date_day
    where customers.mrr_usd > 0

),

final as (

    select
        account_id,
        date_day,
        outcome,
        mrr_usd,
        case when days_to_outcome <= days_decided then days_to_outcome end as days_to_outcome,
        days_decided
    from observed

)

select * from final
