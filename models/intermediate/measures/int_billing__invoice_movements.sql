-- Grain: one row per invoice line or payment, version of it and kind of movement: what came or went on a day.
-- Each version says what was invoiced, paid, refunded, voided or written off so far; a movement is the difference to
-- the version before.
with

line_versions as (

    select
        *,
        settled_invoice_id || '/' || invoice_id || '/' || line_id as part,
        lag(account_id) over (partition by invoice_id, line_id order by version_number) as previous_account_id
    from {{ ref('stg_billing__invoice_lines') }}

),

payment_movements as (

    select * from {{ ref('int_billing__payment_movements') }}

),

movements as (
    {{ words_as_rows(['invoiced', 'paid', 'refunded', 'voided', 'written_off'], 'movement') }}

),

line_totals as (

    select
        line_versions.*,
        movements.movement,
        case movements.movement
            when 'invoiced' then amount
            -- the first version is as old as its line: an amount without its day may be younger
            when 'paid' then case when paid_on is not null or version_number > 1 then paid_amount else 0 end
            when 'refunded' then case when refunded_on is not null or version_number > 1 then refunded_amount else 0 end
            when 'voided' then case when voided_on is not null then amount else 0 end
            when 'written_off' then case when written_off_on is not null then amount else 0 end
        end as total,
        case movements.movement
            when 'invoiced' then issued_on
            when 'paid' then paid_on
            when 'refunded' then refunded_on
            when 'voided' then voided_on
            when 'written_off' then written_off_on
        end as happened_on
    from line_versions
    cross join movements

),

{% set line_columns = ['settled_invoice_id as invoice_id', 'part', "'lines' as told_by", 'charge_type', 'movement',
    'currency', 'usd_per_unit', 'version_number', 'valid_from_on', 'valid_to_on'] | join(',\n        ') %}

statements as (

    select
        account_id,
        total,
        happened_on,
        {{ line_columns }}
    from line_totals
    union all
    -- a line that is moved to another account leaves nothing behind
    select
        previous_account_id as account_id,
        0 as total,
        valid_from_on as happened_on,
        {{ line_columns }}
    from line_totals
    where previous_account_id <> account_id

),

line_movements as (

    {{ invoice_movements('statements') }}

),

final as (

    select * from line_movements
    union all
    select * from payment_movements

)

select * from final
