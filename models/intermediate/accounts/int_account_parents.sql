-- Grain: one row per account and stretch of days in which it belongs to a parent.
-- An account has no parent on days on which it names itself, an account that does not exist (yet), or one whose own
-- parents lead back to it: a circle has no top, so all of its members stand alone while it lasts.
{% set most_levels = 20 %}

with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

first_days as (

    select
        account_id,
        min(valid_from_on) as known_from_on
    from accounts
    group by 1

),

named_parents as (

    select
        accounts.account_id,
        accounts.parent_account_id,
        greatest(accounts.valid_from_on, first_days.known_from_on) as starts_on,
        accounts.valid_to_on as ends_on
    from accounts
    inner join first_days
        on accounts.parent_account_id = first_days.account_id
    where accounts.parent_account_id <> accounts.account_id

),

links as (

    select * from named_parents
    where starts_on < ends_on

),

walks as (

    select
        account_id,
        parent_account_id as ancestor_account_id,
        starts_on,
        ends_on,
        1 as levels_up
    from links
    union all
    select
        walks.account_id,
        links.parent_account_id as ancestor_account_id,
        greatest(walks.starts_on, links.starts_on) as starts_on,
        least(walks.ends_on, links.ends_on) as ends_on,
        walks.levels_up + 1 as levels_up
    from walks
    inner join links
        on walks.ancestor_account_id = links.account_id
        and walks.starts_on < links.ends_on
        and walks.ends_on > links.starts_on
    -- a walk ends where it comes back to its start; one that enters somebody else's circle is bounded by the levels
    where walks.ancestor_account_id <> walks.account_id
        and walks.levels_up < {{ most_levels }}

),

circles as (

    select
        account_id,
        starts_on,
        ends_on
    from walks
    where ancestor_account_id = account_id

),

boundaries as (

    select account_id, starts_on as changed_on from links
    union
    select account_id, starts_on as changed_on from circles
    union
    select account_id, ends_on as changed_on from circles

),

pieces as (

    select
        links.account_id,
        links.parent_account_id,
        boundaries.changed_on as starts_on,
        coalesce(
            lead(boundaries.changed_on) over (
                partition by links.account_id, links.starts_on order by boundaries.changed_on
            ),
            links.ends_on
        ) as ends_on
    from links
    inner join boundaries
        on links.account_id = boundaries.account_id
        and links.starts_on <= boundaries.changed_on
        and links.ends_on > boundaries.changed_on

),

final as (

    select
        pieces.account_id,
        pieces.parent_account_id,
        pieces.starts_on,
        pieces.ends_on
    from pieces
    left join circles
        on pieces.account_id = circles.account_id
        and pieces.starts_on >= circles.starts_on
        and pieces.starts_on < circles.ends_on
    where circles.account_id is null

)

select * from final
