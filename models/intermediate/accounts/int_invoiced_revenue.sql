-- Grain: one row per account and day on which what it is invoiced a month, over a quarter, changes.
-- Recurring lines count by the month they cover, at least over three months: three invoices of a month are their mean,
-- so that neither a late invoice nor a month of little use is a smaller contract. Nothing is known before the first
-- quarter is over. Read where prices have no amount per month, and the var invoiced_as_mrr says so.
with

recurring_lines as (

    select
        *,
        greatest(
            3,
            cast(round(coalesce({{ days_between('period_start', 'period_end') }} + 1, 0) * 12 / 365) as integer)
        ) as months
    from {{ ref('stg_billing__invoice_lines') }}
    where charge_type = 'recurring'

),

account_currency_rates as (

    select * from {{ ref('int_account_currency_rates') }}

),

spans as (

    select
        recurring_lines.account_id,
        greatest(recurring_lines.issued_on, recurring_lines.valid_from_on) as starts_on,
        least(
            cast({{ dbt.dateadd('month', 'recurring_lines.months', 'recurring_lines.issued_on') }} as date),
            recurring_lines.valid_to_on,
            coalesce(recurring_lines.voided_on, {{ open_end() }})
        ) as ends_on,
        cast(recurring_lines.amount_usd / nullif(recurring_lines.months, 0) as {{ money() }}) as mrr_usd,
        cast(
            recurring_lines.amount * coalesce(account_currency_rates.usd_per_unit, recurring_lines.usd_per_unit)
            / nullif(recurring_lines.months, 0) as {{ money() }}
        ) as mrr_constant_usd
    from recurring_lines
    left join account_currency_rates
        on recurring_lines.account_id = account_currency_rates.account_id
        and recurring_lines.currency = account_currency_rates.currency

),

first_quarters as (

    select
        account_id,
        cast({{ dbt.dateadd('month', 3, 'min(starts_on)') }} as date) as known_from_on
    from spans
    group by 1

),

steps as (

    select account_id, starts_on as changed_on, mrr_usd, mrr_constant_usd from spans
    where starts_on < ends_on
    union all
    select account_id, ends_on as changed_on, -mrr_usd as mrr_usd, -mrr_constant_usd as mrr_constant_usd from spans
    where starts_on < ends_on
    union all
    select account_id, known_from_on as changed_on, 0 as mrr_usd, 0 as mrr_constant_usd from first_quarters

),

sums as (

    select
        account_id,
        changed_on,
        sum(sum(mrr_usd)) over (partition by account_id order by changed_on) as mrr_usd,
        sum(sum(mrr_constant_usd)) over (partition by account_id order by changed_on) as mrr_constant_usd
    from steps
    group by 1, 2

),

final as (

    select
        sums.account_id,
        sums.changed_on,
        greatest(sums.mrr_usd, 0) as mrr_usd,
        greatest(sums.mrr_constant_usd, 0) as mrr_constant_usd
    from sums
    inner join first_quarters
        on sums.account_id = first_quarters.account_id
        and sums.changed_on >= first_quarters.known_from_on

)

select * from final
