-- Grain: one row per account, invoice and stretch [starts_on, ends_on) in which what is owed of it stands: its balance.
-- A bill is owed what was invoiced less what was paid, voided or written off; a credit note owes the customer
-- (negative).
with

movements as (

    select * from {{ ref('int_billing__invoice_movements') }}

),

due_days as (

    select
        account_id,
        settled_invoice_id as invoice_id,
        greatest(issued_on, valid_from_on) as date_day,
        min(due_on) as due_on
    from {{ ref('stg_billing__invoice_lines') }}
    where amount > 0
        and greatest(issued_on, valid_from_on) < valid_to_on
    group by 1, 2, 3

),

movement_days as (

    select
        account_id,
        invoice_id,
        date_day,
        min(currency) as currency,
        sum(case when movement = 'invoiced' and amount > 0 then 1 else 0 end) as bills,
        sum(case movement when 'invoiced' then amount when 'voided' then -amount when 'written_off' then -amount end)
            as claimed,
        -- the same payment may be told by the lines and by the payments
        sum(case when movement = 'paid' and told_by = 'lines' then amount end) as paid_of_lines,
        sum(case when movement = 'paid' and told_by = 'payments' then amount end) as paid_by_payments
    from movements
    group by 1, 2, 3

),

days as (

    select account_id, invoice_id, date_day from movement_days
    union
    select account_id, invoice_id, date_day from due_days

),

sums as (

    select
        days.account_id,
        days.invoice_id,
        days.date_day,
        lead(days.date_day) over (
            partition by days.account_id, days.invoice_id order by days.date_day
        ) as next_day,
        {{ last_known('movement_days.currency', 'days.account_id, days.invoice_id', 'days.date_day') }} as currency,
        {{ last_known('due_days.due_on', 'days.account_id, days.invoice_id', 'days.date_day') }} as due_on,
        sum(movement_days.bills) over so_far > 0 as is_bill,
        coalesce(sum(movement_days.claimed) over so_far, 0) as claimed,
        greatest(
            coalesce(sum(movement_days.paid_of_lines) over so_far, 0),
            coalesce(sum(movement_days.paid_by_payments) over so_far, 0)
        ) as paid,
        least(coalesce(sum(movement_days.paid_of_lines) over so_far, 0), 0) as paid_out
    from days
    left join movement_days
        on days.account_id = movement_days.account_id
        and days.invoice_id = movement_days.invoice_id
        and days.date_day = movement_days.date_day
    left join due_days
        on days.account_id = due_days.account_id
        and days.invoice_id = due_days.invoice_id
        and days.date_day = due_days.date_day
    window so_far as (
        partition by days.account_id, days.invoice_id order by days.date_day
        rows between unbounded preceding and current row
    )

),

final as (

    select
        account_id,
        invoice_id,
        date_day as starts_on,
        coalesce(next_day, {{ open_end() }}) as ends_on,
        currency,
        due_on,
        is_bill,
        case
            -- what was paid beyond a bill is no credit: it may be a line that an export left out
            when is_bill then greatest(claimed - paid, 0)
            else least(claimed - paid_out, 0)
        end as owed
    from sums

)

select * from final
