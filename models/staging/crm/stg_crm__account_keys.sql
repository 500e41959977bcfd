-- Grain: one row per source, external id and period in which it means one account.
-- Every source may use the canonical id as well as its own; the canonical id wins where both exist.
with

accounts as (

    select distinct account_id from {{ ref('stg_crm__accounts') }}

),

identifiers as (

    select * from {{ ref('base_crm__account_identifiers') }}
    where row_fate = 'staged'

),

sources as (

    {% for source in raw_sources() -%}
    select '{{ source }}' as source
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

canonical as (

    select
        sources.source,
        accounts.account_id as external_id,
        accounts.account_id,
        cast({{ first_version_on() }} as timestamp) as valid_from,
        {{ open_end_at() }} as valid_to
    from accounts
    cross join sources

),

registered as (

    select
        identifiers.known_source as source,
        identifiers.external_id,
        identifiers.account_id,
        cast(identifiers.begins_on as timestamp) as valid_from,
        coalesce(
            lead(cast(identifiers.begins_on as timestamp)) over (
                partition by identifiers.known_source, identifiers.external_id
                order by identifiers.begins_on
            ),
            {{ open_end_at() }}
        ) as valid_to
    from identifiers
    left join accounts
        on identifiers.external_id = accounts.account_id
    where accounts.account_id is null

),

account_keys as (

    select * from canonical
    union all
    select * from registered

)

select * from account_keys
