-- Grain: one row per account and day on which paid terms of it end, within the renewal horizon or past and not yet
-- renewed.
with

subscription_periods as (

    select * from {{ ref('int_subscription_periods') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}
        and is_customer_item

),

accounts as (

    select * from {{ ref('int_current_accounts') }}
    where is_customer

),

headline_health as (

    select * from {{ ref('int_account_health_current') }}
    where is_primary

),

words as (

    select * from {{ ref('int_account_health_words') }}

),

terms_due as (

    select
        account_id,
        term_ends_on,
        {{ days_between(as_of_date(), 'term_ends_on') }} as renews_in_days,
        {{ sorted_list('product') }} as products,
        min(term_starts_on) as term_starts_on,
        count(distinct coalesce(subscription_id, subscription_item_id)) as subscriptions,
        sum(mrr_usd) as mrr_due_usd,
        -- one item that does not renew by itself is enough to need a signature
        bool_and(coalesce(auto_renews, false)) as is_auto_renewing,
        bool_or(coalesce(cancel_requested_on <= {{ as_of_date() }}, false)) as is_cancellation_requested
    from subscription_periods
    where term_ends_on < {{ add_days(as_of_date(), var('renewal_horizon_days')) }}
    group by 1, 2, 3

),

final as (

    select
        terms_due.account_id,
        accounts.account_name,
        accounts.segment,
        accounts.csm_id,
        accounts.csm_name,
        terms_due.term_starts_on,
        terms_due.term_ends_on,
        cast(terms_due.renews_in_days as integer) as renews_in_days,
        case
            when terms_due.is_cancellation_requested then 'cancellation_requested'
            when terms_due.renews_in_days < 0 then 'overdue'
            -- a term that renews by itself is still due: the customer can cancel until it ends
            when terms_due.is_auto_renewing then 'renews_by_itself'
            else 'to_be_signed'
        end as renewal_code,
        replace(terms_due.products, ';', ', ') as products,
        cast(terms_due.subscriptions as integer) as subscriptions,
        cast(terms_due.mrr_due_usd as {{ money() }}) as mrr_due_usd,
        cast(accounts.mrr_usd as {{ money() }}) as account_mrr_usd,
        headline_health.health_score,
        headline_health.shown_grade,
        coalesce(headline_health.grade_label, 'No score') as grade_label,
        headline_health.change_28d_points,
        coalesce(headline_health.is_fast_drop, false) as is_fast_drop,
        words.driver_down_1,
        words.next_step
    from terms_due
    inner join accounts
        on terms_due.account_id = accounts.account_id
    -- an account that is not scored is still due, and says so by its empty score
    left join headline_health
        on terms_due.account_id = headline_health.account_id
    left join words
        on headline_health.account_id = words.account_id
        and headline_health.scorecard = words.scorecard

)

select * from final
