-- Grain: one row per account, invoice and stretch [starts_on, ends_on) in which some of it is owed.
-- A credit note that names no invoice settles the oldest ones of its account and currency while both are open.
with

bills as (

    select * from {{ ref('int_billing__invoice_states') }}
    where owed > 0

),

credits as (

    select * from {{ ref('int_billing__invoice_states') }}
    where owed < 0

),

credited_bills as (

    select * from bills
    where exists (
            select 1 from credits
            where credits.account_id = bills.account_id
                and credits.currency = bills.currency
        )

),

turns as (

    select account_id, currency, starts_on from credited_bills
    union
    select account_id, currency, ends_on from credited_bills
    union
    select account_id, currency, starts_on from credits
    union
    select account_id, currency, ends_on from credits

),

stretches as (

    select
        *,
        lead(starts_on) over (partition by account_id, currency order by starts_on) as ends_on
    from turns

),

credit_in_force as (

    select
        stretches.account_id,
        stretches.currency,
        stretches.starts_on,
        stretches.ends_on,
        coalesce(-sum(credits.owed), 0) as credit
    from stretches
    left join credits
        on stretches.account_id = credits.account_id
        and stretches.currency = credits.currency
        and stretches.starts_on >= credits.starts_on
        and stretches.starts_on < credits.ends_on
    where stretches.ends_on is not null
    group by 1, 2, 3, 4

),

ranked as (

    select
        credited_bills.account_id,
        credited_bills.invoice_id,
        credited_bills.due_on,
        credit_in_force.starts_on,
        credit_in_force.ends_on,
        credit_in_force.credit,
        sum(credited_bills.owed) over (
            partition by credited_bills.account_id, credited_bills.currency, credit_in_force.starts_on
            order by credited_bills.due_on nulls last, credited_bills.invoice_id
            rows between unbounded preceding and current row
        ) as owed_up_to_here
    from credited_bills
    inner join credit_in_force
        on credited_bills.account_id = credit_in_force.account_id
        and credited_bills.currency = credit_in_force.currency
        and credited_bills.starts_on <= credit_in_force.starts_on
        and credited_bills.ends_on > credit_in_force.starts_on

),

final as (

    select account_id, invoice_id, due_on, starts_on, ends_on from ranked
    where owed_up_to_here > credit
    union all
    select account_id, invoice_id, due_on, starts_on, ends_on from bills
    where not exists (
            select 1 from credits
            where credits.account_id = bills.account_id
                and credits.currency = bills.currency
        )

)

select * from final
