-- Grain: one row per override and stretch of days in which it stands.
with

changes as (

    select
        *,
        coalesce(lead(changed_on) over (partition by override_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_score_overrides') }}

),

final as (

    select
        override_id,
        account_id,
        scorecard,
        grade as override_grade,
        author,
        reason,
        expires_on,
        changed_on as starts_on,
        ends_on
    from changes
    where grade is not null

)

select * from final
