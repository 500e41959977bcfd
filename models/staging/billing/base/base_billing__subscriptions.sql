-- Grain: one row per raw row of subscriptions, with what became of it.
with

raw_rows as (

    {{ raw_rows('subscriptions') }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'billing'

),

currencies as (

    select distinct currency from {{ ref('stg_billing__exchange_rates') }}

),

row_ends as (

    -- the end of each row of an item as its newest version states it; an open end is closed by the item's next row
    select
        subscription_item_id,
        valid_from,
        valid_to
    from (
        select
            *,
            row_number() over (
                partition by subscription_item_id, valid_from
                order by coalesce(updated_at, loaded_at) desc, loaded_at desc, source_row desc
            ) as newest_first
        from raw_rows
        where valid_to is null or valid_to >= valid_from
    ) as versions
    where newest_first = 1

),

item_overlaps as (

    select
        subscription_item_id,
        valid_from,
        valid_from < max(valid_to) over (
            partition by subscription_item_id order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as is_overlapping
    from row_ends

),

checked as (

    select
        raw_rows.*,
        account_keys.account_id as resolved_account_id,
        case
            when {{ is_in_future(['raw_rows.updated_at']) }} then 'timestamp_in_future'
            when raw_rows.valid_to < raw_rows.valid_from then 'end_before_start'
            when account_keys.account_id is null then 'unknown_account'
            when raw_rows.billing_status is null
                or raw_rows.billing_status not in ('trial', 'free', 'paid', 'paused') then 'invalid_value'
            when raw_rows.mrr < 0 or raw_rows.quantity < 0 then 'negative_amount'
            when raw_rows.mrr > 0 and currencies.currency is null then 'missing_exchange_rate'
            when item_overlaps.is_overlapping then 'overlapping_subscription'
        end as defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and cast(raw_rows.valid_from as timestamp) >= account_keys.valid_from
        and cast(raw_rows.valid_from as timestamp) < account_keys.valid_to
    left join currencies
        on raw_rows.currency = currencies.currency
    left join item_overlaps
        on raw_rows.subscription_item_id = item_overlaps.subscription_item_id
        and raw_rows.valid_from = item_overlaps.valid_from

),

fates as (

    {{ row_fates(
        'checked',
        key=['subscription_item_id', 'valid_from'],
        payload=['subscription_id', 'account_id', 'product', 'plan', 'quantity', 'mrr', 'currency', 'discount_pct',
            'billing_status', 'term_starts_on', 'term_ends_on', 'auto_renews', 'cancel_requested_at', 'valid_to',
            'change_type', 'end_reason'],
        mutable=true,
    ) }}

)

select * from fates
