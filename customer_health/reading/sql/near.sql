with

likened as (

    select
        account_id,
        account_name,
        greatest(
            case when contains(lower(account_name), lower($said)) then 1 else 0 end,
            jaro_winkler_similarity(lower(account_name), lower($said)),
            jaro_winkler_similarity(lower(account_id), lower($said))
        ) as likeness
    from health.dim_accounts

),

nearest as (

    select
        account_id,
        account_name,
        row_number() over (order by likeness desc, account_id) as place
    from likened
    where likeness >= $least
        and $said <> ''

)

select
    account_id,
    account_name
from nearest
where place <= $most
order by place
