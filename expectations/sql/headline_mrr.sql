with sums as (
    select
        (
            select sum(mrr_usd) from health.dim_accounts
            where is_customer
        ) as accounts_usd,
        (
            select sum(mrr_usd) from health.rpt_csm_portfolio
            where portfolio_level = 'company'
        ) as portfolios_usd,
        (
            select sum(mrr_usd) from {subscriptions}
            where account_id in (
                    select account_id from health.dim_accounts
                    where is_customer
                )
        ) as subscriptions_usd
)

select
    cast(coalesce(accounts_usd, 0) as double) as accounts_usd,
    cast(coalesce(portfolios_usd, 0) as double) as portfolios_usd,
    cast(coalesce(subscriptions_usd, 0) as double) as subscriptions_usd,
    greatest(abs(accounts_usd - portfolios_usd), abs(accounts_usd - subscriptions_usd)) as difference_usd
from sums
