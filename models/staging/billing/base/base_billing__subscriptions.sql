-- Grain: one row per raw row of subscriptions, with what became of it.
{{ config(materialized='table') }}

with recursive

raw_rows as (

    {{ raw_rows('subscriptions', words=['billing_status', 'change_type', 'end_reason'], has_currency=true) }}

),

account_keys as (

    select * from {{ ref('stg_crm__account_keys') }}
    where source = 'billing'

),

currencies as (

    select
        currency,
        max(usd_per_unit) as highest_rate
    from {{ ref('stg_billing__exchange_rates') }}
    group by currency

),

resolved as (

    select
        raw_rows.*,
        account_keys.account_id as resolved_account_id,
        case
            when raw_rows.range_defect is not null then raw_rows.range_defect
            when {{ is_in_future(['raw_rows.updated_at'], 'raw_rows') }} then 'timestamp_in_future'
            when raw_rows.valid_to < raw_rows.valid_from then 'end_before_start'
            when account_keys.account_id is null then 'unknown_account'
            when coalesce(raw_rows.known_billing_status, '') not in ('trial', 'free', 'paid', 'paused')
                then 'invalid_value'
            when raw_rows.quantity < 0 then 'negative_amount'
            when raw_rows.mrr <> 0 and currencies.currency is null then 'missing_exchange_rate'
            when abs(cast(raw_rows.mrr as double)) * currencies.highest_rate > {{ plausible_usd() }}
                then 'implausible_number'
        end as row_defect
    from raw_rows
    left join account_keys
        on raw_rows.account_id = account_keys.external_id
        and cast(raw_rows.valid_from as timestamp) >= account_keys.valid_from
        and cast(raw_rows.valid_from as timestamp) < account_keys.valid_to
    left join currencies
        on raw_rows.known_currency = currencies.currency

),

ordered as (

    {{ order_versions(
        'resolved',
        key=['subscription_item_id', 'valid_from'],
        payload=['subscription_id', 'account_id', 'product', 'plan', 'quantity', 'mrr', 'currency', 'discount_pct',
            'billing_status', 'term_starts_on', 'term_ends_on', 'auto_renews', 'cancel_requested_at', 'valid_to',
            'change_type', 'end_reason'],
        mutable=true,
        dated=['valid_to', 'cancel_requested_at'],
    ) }}

),

row_ends as (

    -- the end of each usable row of an item as its newest version states it; the item's next row closes an open end
    select
        subscription_item_id,
        valid_from,
        valid_to,
        row_number() over (partition by subscription_item_id order by valid_from nulls last) as position
    from (
        select
            *,
            row_number() over (
                partition by subscription_item_id, valid_from order by version_order desc nulls last
            ) as newest_first
        from ordered
        where row_defect is null
    ) as versions
    where newest_first = 1

),

doubtful_items as (

    -- items whose rows overlap at all: few, so that only these are walked through
    select distinct subscription_item_id
    from (
        select
            subscription_item_id,
            valid_from < max(valid_to) over (
                partition by subscription_item_id order by valid_from nulls last
                rows between unbounded preceding and 1 preceding
            ) as is_overlapping
        from row_ends
    ) as compared
    where is_overlapping

),

walked as (

    -- from row to row: one that begins before the last good one has ended is left out, and closes nothing
    select
        row_ends.subscription_item_id,
        row_ends.valid_from,
        row_ends.position,
        row_ends.valid_to as taken_until,
        false as is_overlapping
    from row_ends
    inner join doubtful_items
        on row_ends.subscription_item_id = doubtful_items.subscription_item_id
    where row_ends.position = 1
    union all
    select
        row_ends.subscription_item_id,
        row_ends.valid_from,
        row_ends.position,
        case
            when row_ends.valid_from < walked.taken_until then walked.taken_until
            else coalesce(row_ends.valid_to, walked.taken_until)
        end as taken_until,
        coalesce(row_ends.valid_from < walked.taken_until, false) as is_overlapping
    from walked
    inner join row_ends
        on walked.subscription_item_id = row_ends.subscription_item_id
        and walked.position + 1 = row_ends.position

),

checked as (

    select
        ordered.*,
        case
            when ordered.row_defect is not null then ordered.row_defect
            when walked.is_overlapping then 'overlapping_subscription'
        end as defect
    from ordered
    left join walked
        on ordered.subscription_item_id = walked.subscription_item_id
        and ordered.valid_from = walked.valid_from

),

fates as (

    {{ row_fates(
        'checked',
        key=['subscription_item_id', 'valid_from'],
        payload=['subscription_id', 'account_id', 'product', 'plan', 'quantity', 'mrr', 'currency', 'discount_pct',
            'billing_status', 'term_starts_on', 'term_ends_on', 'auto_renews', 'cancel_requested_at', 'valid_to',
            'change_type', 'end_reason'],
        mutable=true,
        is_ordered=true,
    ) }}

)

select * from fates
