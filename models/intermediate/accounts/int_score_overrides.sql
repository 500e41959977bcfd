-- Grain: one row per override, account, scorecard and day on which it begins or ends to apply (grade null: it ends).
{{ config(materialized='incremental', incremental_strategy='first_difference', day_column='changed_on') }}

with

versions as (

    select
        *,
        greatest(created_on, valid_from_on) as starts_on,
        least(expires_on, valid_to_on) as ends_on
    from {{ ref('stg_crm__score_overrides') }}

),

in_force as (

    select * from versions
    where starts_on < ends_on

),

boundaries as (

    select override_id, account_id, scorecard, starts_on as changed_on, grade, author, reason, expires_on from in_force
    union all
    select
        ended.override_id,
        ended.account_id,
        ended.scorecard,
        ended.ends_on as changed_on,
        null as grade,
        null as author,
        null as reason,
        null as expires_on
    from in_force as ended
    left join in_force as followed
        on ended.override_id = followed.override_id
        and ended.ends_on = followed.starts_on
    where followed.override_id is null

),

final as (

    select * from boundaries
    where changed_on <= {{ as_of_date() }}

)

select * from final
