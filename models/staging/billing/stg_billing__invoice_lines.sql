-- Grain: one row per invoice line and version.
with

staged as (

    select
        *,
        -- a credit lowers what is owed, whatever its sign
        case when known_line_type = 'credit' then -abs(amount) else amount end as signed_amount
    from {{ ref('base_billing__invoice_lines') }}
    where row_fate = 'staged'

),

{% set key = ['invoice_id', 'line_id'] %}

told as (

    select
        *,
        {{ known_later(key, 'paid_on') }} as known_paid_on,
        {{ known_later(key, 'paid_on', 'amount_paid') }} as known_amount_paid,
        {{ known_later(key, 'voided_on') }} as known_voided_on,
        {{ known_later(key, 'written_off_on') }} as known_written_off_on,
        {{ known_later(key, 'refunded_on') }} as known_refunded_on,
        {{ known_later(key, 'refunded_on', 'refunded_amount') }} as known_refunded_amount
    from staged

),

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

renamed as (

    select
        told.invoice_id,
        told.line_id,
        told.resolved_account_id as account_id,
        coalesce(told.credited_invoice_id, told.invoice_id) as settled_invoice_id,
        -- a negative line is a credit, whatever the billing system calls it
        case when told.amount < 0 then 'credit' else told.known_line_type end as line_type,
        told.known_line_type as charge_type,
        told.issued_on,
        told.period_start,
        told.period_end,
        coalesce(told.due_on, {{ add_days('told.issued_on', var('invoice_due_days')) }}) as due_on,
        told.due_on is null as is_due_on_assumed,
        told.known_paid_on as paid_on,
        told.known_voided_on as voided_on,
        told.known_written_off_on as written_off_on,
        told.known_refunded_on as refunded_on,
        told.known_currency as currency,
        exchange_rates.usd_per_unit,
        told.signed_amount as amount,
        case
            -- a day of payment without an amount, or with one that cannot be the line's: all of it was paid
            when told.known_paid_on is not null
                and (coalesce(told.known_amount_paid, 0) <= 0 or told.known_amount_paid > told.signed_amount)
                then told.signed_amount
            else least(greatest(coalesce(told.known_amount_paid, 0), 0), greatest(told.signed_amount, 0))
        end as paid_amount,
        coalesce(told.known_refunded_amount, 0) as refunded_amount,
        cast(told.signed_amount * exchange_rates.usd_per_unit as {{ money() }}) as amount_usd,
        cast(coalesce(told.known_refunded_amount, 0) * exchange_rates.usd_per_unit as {{ money() }}) as refunded_usd,
        {{ version_columns(key, 'told.issued_on') }}
    from told
    left join exchange_rates
        on told.known_currency = exchange_rates.currency
        and told.issued_on >= exchange_rates.valid_from_on
        and told.issued_on < exchange_rates.valid_to_on

)

select * from renamed
