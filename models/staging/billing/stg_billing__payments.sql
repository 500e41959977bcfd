-- Grain: one row per attempt to pay or refund and version.
with

staged as (

    select
        *,
        {{ to_reporting_date('attempted_at') }} as attempted_on
    from {{ ref('base_billing__payments') }}
    where row_fate = 'staged'

),

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

renamed as (

    select
        staged.payment_id,
        staged.resolved_account_id as account_id,
        staged.invoice_id,
        staged.attempt,
        staged.known_outcome as outcome,
        staged.amount,
        staged.known_currency as currency,
        cast(staged.amount * exchange_rates.usd_per_unit as {{ money() }}) as amount_usd,
        staged.attempted_on,
        {{ version_columns(['payment_id'], 'staged.attempted_at') }}
    from staged
    left join exchange_rates
        on staged.known_currency = exchange_rates.currency
        and staged.attempted_on >= exchange_rates.valid_from_on
        and staged.attempted_on < exchange_rates.valid_to_on

)

select * from renamed
