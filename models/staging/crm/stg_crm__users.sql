-- Grain: one row per user and version.
with

staged as (

    select * from {{ ref('base_crm__users') }}
    where row_fate = 'staged'

),

renamed as (

    select
        user_id,
        resolved_account_id as account_id,
        role,
        coalesce(is_champion, false) as is_champion,
        is_champion is not null as has_champion_mark,
        created_at,
        {{ to_reporting_date(known_later(['user_id'], 'deactivated_at')) }} as deactivated_on,
        loaded_at,
        {{ version_columns(['user_id'], 'created_at') }}
    from staged

)

select * from renamed
