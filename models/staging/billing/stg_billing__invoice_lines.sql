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

exchange_rates as (

    select * from {{ ref('stg_billing__exchange_rates') }}

),

renamed as (

    select
        staged.invoice_id,
        staged.line_id,
        staged.resolved_account_id as account_id,
        coalesce(staged.credited_invoice_id, staged.invoice_id) as settled_invoice_id,
        -- a negative line is a credit, whatever the billing system calls it
        case when staged.amount < 0 then 'credit' else staged.known_line_type end as line_type,
        staged.known_line_type as charge_type,
        staged.issued_on,
        staged.period_start,
        staged.period_end,
        coalesce(staged.due_on, {{ add_days('staged.issued_on', var('invoice_due_days')) }}) as due_on,
        staged.due_on is null as is_due_on_assumed,
        staged.paid_on,
        staged.voided_on,
        staged.written_off_on,
        staged.refunded_on,
        staged.known_currency as currency,
        exchange_rates.usd_per_unit,
        staged.signed_amount as amount,
        case
            -- a day of payment without an amount, or with one that cannot be the line's: all of it was paid
            when staged.paid_on is not null
                and (coalesce(staged.amount_paid, 0) <= 0 or staged.amount_paid > staged.signed_amount)
                then staged.signed_amount
            else least(greatest(coalesce(staged.amount_paid, 0), 0), greatest(staged.signed_amount, 0))
        end as paid_amount,
        coalesce(staged.refunded_amount, 0) as refunded_amount,
        cast(staged.signed_amount * exchange_rates.usd_per_unit as {{ money() }}) as amount_usd,
        cast(coalesce(staged.refunded_amount, 0) * exchange_rates.usd_per_unit as {{ money() }}) as refunded_usd,
        staged.updated_at is null as is_undated_version,
        {{ version_columns(['invoice_id', 'line_id'], 'staged.issued_on') }}
    from staged
    left join exchange_rates
        on staged.known_currency = exchange_rates.currency
        and staged.issued_on >= exchange_rates.valid_from_on
        and staged.issued_on < exchange_rates.valid_to_on

)

select * from renamed
