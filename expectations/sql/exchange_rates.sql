with rates as (
    select
        currency,
        month_starts_on,
        usd_per_unit,
        lag(usd_per_unit) over (partition by currency order by month_starts_on) as rate_before
    from staging.stg_billing__exchange_rates
    where month_starts_on <= {day}
)

select *, greatest(usd_per_unit / rate_before, rate_before / usd_per_unit) as times
from rates
order by times desc nulls last, currency, month_starts_on
limit 20
