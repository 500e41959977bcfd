with rows_by_start as (
    select
        subscription_item_id,
        account_id,
        starts_on,
        ends_on,
        mrr_usd,
        lag(mrr_usd) over (partition by subscription_item_id order by starts_on) as mrr_before
    from intermediate.int_subscription_periods
    where starts_on <= {day} and is_customer_item
)

select * from rows_by_start
where ends_on > {day} and mrr_before > 0 and mrr_usd > {times} * mrr_before
    and starts_on > {day} - 28
