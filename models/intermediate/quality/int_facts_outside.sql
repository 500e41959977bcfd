-- Grain: one row per raw table of facts and reason for which facts lie on days on which their account was no customer.
-- Such facts move no score. Some always do (trials, the last ticket); most of a table is a wrong id, join or date
-- format.

with

facts as (

    select
        'usage_events' as raw_table,
        account_id,
        date_day,
        sum(events) as row_count
    from {{ ref('int_product__event_days') }}
    group by 1, 2, 3
    {%- for table in raw_tables() if table.day and not table.has_own_arms and not table.makes_customers %}
    union all
    select
        '{{ table.name }}' as raw_table,
        account_id,
        {{ table.day }} as date_day,
        count(*) as row_count
    from {{ ref(table.staged) }}
    where {{ table.day }} <= {{ as_of_date() }}
        and {{ 'version_number = 1' if table.is_mutable else 'true' }}
    group by 1, 2, 3
    {%- endfor %}

),

customer_periods as (

    select * from {{ ref('int_account_periods') }}

),

relationships as (

    select
        account_id,
        min(period_starts_on) as first_starts_on,
        max(period_ends_on) as last_ends_on
    from customer_periods
    group by 1

),

judged as (

    select
        facts.raw_table,
        facts.account_id,
        facts.date_day,
        facts.row_count,
        case
            when customer_periods.account_id is not null then null
            when relationships.account_id is null then 'never_a_customer'
            when facts.date_day < relationships.first_starts_on then 'before_the_first_contract'
            when facts.date_day >= relationships.last_ends_on then 'after_the_last_contract'
            else 'between_contracts'
        end as reason
    from facts
    left join customer_periods
        on facts.account_id = customer_periods.account_id
        and facts.date_day >= customer_periods.period_starts_on
        and facts.date_day < customer_periods.period_ends_on
    left join relationships
        on facts.account_id = relationships.account_id

),

totals as (

    select
        raw_table,
        sum(row_count) as fact_rows
    from facts
    group by 1

),

final as (

    select
        judged.raw_table,
        judged.reason,
        cast(sum(judged.row_count) as bigint) as outside_rows,
        cast(max(totals.fact_rows) as bigint) as fact_rows,
        cast(sum(judged.row_count) as double) / nullif(cast(max(totals.fact_rows) as double), 0) as outside_share,
        cast(count(distinct judged.account_id) as bigint) as accounts,
        min(judged.date_day) as first_on,
        max(judged.date_day) as last_on
    from judged
    inner join totals
        on judged.raw_table = totals.raw_table
    where judged.reason is not null
    group by 1, 2

)

select * from final
