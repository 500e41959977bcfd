with rates as (
    select
        currency,
        month_starts_on,
        usd_per_unit,
        lag(usd_per_unit) over (partition by currency order by month_starts_on) as rate_before,
        lag(month_starts_on) over (partition by currency order by month_starts_on) as month_before
    from staging.stg_billing__exchange_rates
    where month_starts_on <= {day}
)

-- neighbouring months: over a gap of years a currency may lose most of its worth
select *, greatest(usd_per_unit / rate_before, rate_before / usd_per_unit) as times
from rates
where month_before is null
    or month_before + interval 1 month = month_starts_on
    and month_starts_on + interval 1 month > coalesce({since}, date '1900-01-01')
order by times desc nulls last, currency, month_starts_on
limit 20
