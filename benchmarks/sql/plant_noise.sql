with accounts as (

    select distinct account_id from read_parquet({accounts})

),

in_order as (

    select account_id from accounts
    order by account_id

),

habits as (

    select
        account_id,
        floor(120 * random()) as events
    from in_order

)

select
    'noise_' || account_id || '_' || row_number() over () as event_id,
    account_id,
    {noise} as event_name,
    cast(cast({first_day} as date) as timestamp) + to_hours(cast(floor(random() * {hours}) as integer)) as occurred_at,
    1 as quantity
from habits, generate_series(1, cast(events as integer))
