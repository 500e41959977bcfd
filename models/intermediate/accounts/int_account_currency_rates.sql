-- Grain: one row per account and currency that it has contracts in: the rate at which its revenue is compared with
-- itself. The rate of the month in which the first contract in that currency was known, for good: what the market does
-- later is no growth. A further currency begins at the rate at which the one before it could be changed on that day, so
-- that the same price in another currency is none, either.
with recursive

first_uses as (

    select
        account_id,
        currency,
        min(starts_on) as first_on
    from {{ ref('int_subscription_periods') }}
    where currency is not null
    group by 1, 2

),

numbered as (

    select
        *,
        row_number() over (partition by account_id order by first_on, currency) as position,
        lag(currency) over (partition by account_id order by first_on, currency) as previous_currency
    from first_uses

),

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

rated as (

    select
        numbered.account_id,
        numbered.currency,
        numbered.position,
        coalesce(own_rates.usd_per_unit, 1) as usd_per_unit,
        coalesce(own_rates.usd_per_unit, 1) / nullif(coalesce(previous_rates.usd_per_unit, 1), 0)
            as units_of_the_one_before
    from numbered
    left join exchange_rates as own_rates
        on numbered.currency = own_rates.currency
        and numbered.first_on >= own_rates.valid_from_on
        and numbered.first_on < own_rates.valid_to_on
    left join exchange_rates as previous_rates
        on numbered.previous_currency = previous_rates.currency
        and numbered.first_on >= previous_rates.valid_from_on
        and numbered.first_on < previous_rates.valid_to_on

),

chained as (

    select
        account_id,
        currency,
        position,
        cast(usd_per_unit as {{ exact_rate() }}) as usd_per_unit
    from rated
    where position = 1
    union all
    select
        rated.account_id,
        rated.currency,
        rated.position,
        cast(
            cast(chained.usd_per_unit as double) * rated.units_of_the_one_before as {{ exact_rate() }}
        ) as usd_per_unit
    from chained
    inner join rated
        on chained.account_id = rated.account_id
        and chained.position + 1 = rated.position

),

final as (

    select account_id, currency, usd_per_unit
    from chained

)

select * from final
