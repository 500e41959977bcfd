-- Grain: one row per account, ancestor (its parent, the parent's parent, ...) and stretch of days.
-- Circles are cut in int_account_parents, so every walk ends; the bound only guards against a circle of more than 20
-- accounts.
{% set most_levels = 20 %}

with recursive

parents as (

    select * from {{ ref('int_account_parents') }}

),

walks as (

    select
        account_id,
        parent_account_id as ancestor_account_id,
        starts_on,
        ends_on,
        1 as levels_up
    from parents
    union all
    select
        walks.account_id,
        parents.parent_account_id as ancestor_account_id,
        greatest(walks.starts_on, parents.starts_on) as starts_on,
        least(walks.ends_on, parents.ends_on) as ends_on,
        walks.levels_up + 1 as levels_up
    from walks
    inner join parents
        on walks.ancestor_account_id = parents.account_id
        and walks.starts_on < parents.ends_on
        and walks.ends_on > parents.starts_on
    where walks.levels_up < {{ most_levels }}

),

final as (

    select
        account_id,
        ancestor_account_id,
        levels_up,
        starts_on,
        ends_on
    from walks
    where ancestor_account_id <> account_id

)

select * from final
