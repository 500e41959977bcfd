-- Grain: one row per stay of a user at one of the accounts.
with

users as (

    select
        user_id,
        {canonical_account} as account_id,
        created_at,
        updated_at,
        _loaded_at,
        _source_row
    from raw.users

),

theirs as (

    select distinct user_id from users
    where account_id in (select unnest($1))

),

versions as (

    select
        user_id,
        account_id,
        coalesce(updated_at, created_at, _loaded_at) as from_at,
        row_number() over (partition by user_id order by updated_at, _loaded_at, _source_row) as version
    from users
    where user_id in (select user_id from theirs)

),

stays as (

    select
        user_id,
        account_id,
        case when version = 1 then $2 else from_at end as from_at,
        coalesce(lead(from_at) over (partition by user_id order by version), $3) as to_at,
        bool_and(coalesce(account_id in (select unnest($1)), false)) over (partition by user_id) as is_whole
    from versions

)

select distinct
    user_id,
    case when is_whole then $2 else from_at end as from_at,
    case when is_whole then $3 else to_at end as to_at
from stays
where account_id in (select unnest($1))
    and user_id is not null
