-- Grain: one row per currency and month from its first rate on; a month without a rate carries the last one forward.
with

given_rates as (

    select
        upper(trim(currency)) as currency,
        month,
        usd_per_unit
    from {{ ref('exchange_rates') }}

),

contracts as (

    select
        upper(trim(currency)) as currency,
        valid_from
    from {{ source('raw', 'subscriptions') }}
    where trim(currency) <> ''

),

contracts_in_order as (

    select
        currency,
        row_number() over (order by valid_from nulls last, currency nulls last) as oldest_first
    from contracts

),

first_contracts as (

    select currency from contracts_in_order
    where oldest_first = 1

),

given_dollars as (

    select currency from given_rates
    where currency = 'USD'

),

-- a company without rates keeps its books in one currency, that of its first contract; others still wait for a rate
single_currency as (

    select
        coalesce(max(currency), 'USD') as currency,
        {{ first_version_on() }} as month,
        1 as usd_per_unit
    from first_contracts
    where not exists (select 1 from given_rates)
    having not exists (select 1 from given_rates)

),

dollars as (

    select
        'USD' as currency,
        {{ first_version_on() }} as month,
        1 as usd_per_unit
    where exists (select 1 from given_rates)
        and not exists (select 1 from given_dollars)

),

unioned as (

    select * from given_rates
    union all
    select * from single_currency
    union all
    select * from dollars

),

rates as (

    select
        currency,
        month as month_starts_on,
        cast(usd_per_unit as {{ exact_rate() }}) as usd_per_unit,
        coalesce(lead(month) over (partition by currency order by month nulls last), {{ open_end() }}) as valid_to_on,
        row_number() over (partition by currency order by month nulls last) = 1 as is_first_rate
    from unioned

),

final as (

    select
        currency,
        -- a date before the first known rate takes that first rate: better an old price than none
        case when is_first_rate then {{ first_version_on() }} else month_starts_on end as valid_from_on,
        valid_to_on,
        month_starts_on,
        usd_per_unit
    from rates

)

select * from final
