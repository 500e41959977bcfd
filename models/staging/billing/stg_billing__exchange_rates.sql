-- Grain: one row per currency and month from its first rate on; a month without a rate carries the last one forward.
with

rates as (

    select
        currency,
        month as month_starts_on,
        cast(usd_per_unit as {{ exact_rate() }}) as usd_per_unit,
        coalesce(lead(month) over (partition by currency order by month nulls last), {{ open_end() }}) as valid_to_on,
        row_number() over (partition by currency order by month nulls last) = 1 as is_first_rate
    from {{ ref('exchange_rates') }}

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
