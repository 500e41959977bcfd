-- Grain: one row per payment, version of it and kind of movement: what was paid of an invoice, and given back, on a
-- day.
{{ config(materialized='view') }}

with

payments as (

    select * from {{ ref('stg_billing__payments') }}
    where invoice_id is not null

),

invoices as (

    select
        settled_invoice_id as invoice_id,
        min(currency) as currency,
        min(usd_per_unit) as usd_per_unit
    from {{ ref('stg_billing__invoice_lines') }}
    group by 1

),

movements as (
    {{ words_as_rows(['paid', 'refunded'], 'movement') }}

),

in_currency_of_the_invoice as (

    select
        payments.*,
        invoices.currency as invoice_currency,
        invoices.usd_per_unit,
        case
            when payments.currency = invoices.currency then payments.amount
            else cast(payments.amount_usd / nullif(invoices.usd_per_unit, 0) as {{ money() }})
        end as paid_amount
    from payments
    inner join invoices
        on payments.invoice_id = invoices.invoice_id

),

statements as (

    select
        account_id,
        invoice_id,
        payment_id as part,
        'payments' as told_by,
        cast(null as {{ dbt.type_string() }}) as charge_type,
        movements.movement,
        case
            when movements.movement = 'refunded' then case when outcome = 'refunded' then paid_amount else 0 end
            when outcome in ('succeeded', 'dispute_won') then paid_amount
            -- what is given back was paid before, and stays paid; a refund of its own row paid nothing
            when outcome <> 'refunded' then 0
        end as total,
        valid_from_on as happened_on,
        invoice_currency as currency,
        usd_per_unit,
        version_number,
        valid_from_on,
        valid_to_on
    from in_currency_of_the_invoice
    cross join movements

),

final as (

    {{ invoice_movements('statements') }}

)

select * from final
