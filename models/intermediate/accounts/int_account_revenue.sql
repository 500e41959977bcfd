-- Grain: one row per account and day on which its recurring revenue, or what it consists of, changes: from that day on.
-- Known prices count; where none in force is known, revenue is not known (null), unless the var invoiced_as_mrr takes
-- what was invoiced. A discount that is an item of its own lowers its subscription, to nothing at most.
with

periods as (

    select
        periods.*,
        coalesce(periods.subscription_id, '') as contract,
        cast(periods.mrr * coalesce(rates.usd_per_unit, 1) as {{ money() }}) as mrr_constant_usd
    from {{ ref('int_subscription_periods') }} as periods
    left join {{ ref('int_account_currency_rates') }} as rates
        on periods.account_id = rates.account_id
        and periods.currency = rates.currency
    where periods.is_customer_item or periods.is_discount_item

),

invoiced as (

    select
        *,
        coalesce(lead(changed_on) over (partition by account_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_invoiced_revenue') }}
    where {{ 'true' if var('invoiced_as_mrr') else 'false' }}

),

unpriced as (

    select account_id from periods
    where mrr is null

),

change_days as (

    select account_id, starts_on as changed_on from periods
    union
    select account_id, ends_on as changed_on from periods
    union
    select account_id, changed_on from invoiced
    where account_id in (select unpriced.account_id from unpriced)

),

of_contracts as (

    select
        change_days.account_id,
        change_days.changed_on,
        periods.contract,
        sum(case when periods.is_customer_item then 1 else 0 end) as items,
        sum(case when periods.account_id is not null and periods.mrr is null then 1 else 0 end) as unknown_prices,
        sum(periods.mrr_usd) as mrr_usd,
        sum(periods.mrr_constant_usd) as mrr_constant_usd
    from change_days
    left join periods
        on change_days.account_id = periods.account_id
        and change_days.changed_on >= periods.starts_on
        and change_days.changed_on < periods.ends_on
    where change_days.changed_on <= {{ as_of_date() }}
    group by 1, 2, 3

),

of_accounts as (

    select
        account_id,
        changed_on,
        sum(items) as items,
        sum(unknown_prices) as unknown_prices,
        sum(case when mrr_usd < 0 then 0 else mrr_usd end) as mrr_usd,
        sum(case when mrr_constant_usd < 0 then 0 else mrr_constant_usd end) as mrr_constant_usd
    from of_contracts
    group by 1, 2

),

final as (

    select
        of_accounts.account_id,
        of_accounts.changed_on,
        of_accounts.items > 0 as has_customer_item,
        of_accounts.unknown_prices > 0 as has_unknown_price,
        case
            when of_accounts.items = 0 then 0
            when of_accounts.unknown_prices > 0 then coalesce(invoiced.mrr_usd, of_accounts.mrr_usd)
            else of_accounts.mrr_usd
        end as mrr_usd,
        case
            when of_accounts.items = 0 then 0
            when of_accounts.unknown_prices > 0 then coalesce(invoiced.mrr_constant_usd, of_accounts.mrr_constant_usd)
            else of_accounts.mrr_constant_usd
        end as mrr_constant_usd
    from of_accounts
    left join invoiced
        on of_accounts.account_id = invoiced.account_id
        and of_accounts.changed_on >= invoiced.changed_on
        and of_accounts.changed_on < invoiced.ends_on

)

select * from final
