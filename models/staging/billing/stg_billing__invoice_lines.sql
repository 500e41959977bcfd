-- Grain: one row per invoice line and version.
with

staged as (

    select * from {{ ref('base_billing__invoice_lines') }}
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
        -- a negative line is a credit, whatever the billing system calls it
        case when staged.amount < 0 then 'credit' else staged.line_type end as line_type,
        staged.issued_on,
        staged.due_on,
        staged.paid_on,
        staged.voided_on,
        staged.refunded_on,
        cast(staged.amount * exchange_rates.usd_per_unit as {{ money() }}) as amount_usd,
        cast(coalesce(staged.refunded_amount, 0) * exchange_rates.usd_per_unit as {{ money() }}) as refunded_usd,
        staged.updated_at is null as is_undated_version,
        {{ version_columns(['invoice_id', 'line_id'], 'staged.issued_on') }}
    from staged
    left join exchange_rates
        on staged.currency = exchange_rates.currency
        and staged.issued_on >= exchange_rates.valid_from_on
        and staged.issued_on < exchange_rates.valid_to_on

)

select * from renamed
