-- Grain: one row per account and scorecard that somebody has judged otherwise, for the last day: who, why, until when.
with

scores as (

    select * from {{ ref('int_current_scores') }}

),

override_periods as (

    select * from {{ ref('int_override_periods') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

csms as (

    select * from {{ ref('int_current_csms') }}

),

ranked as (

    -- the same choice as in int_health_scores: the newest override wins
    select
        scores.account_id,
        scores.scorecard,
        override_periods.override_grade,
        coalesce(csms.csm_name, override_periods.author) as override_by,
        override_periods.reason as override_reason,
        override_periods.expires_on as override_expires_on,
        row_number() over (
            partition by scores.account_id, scores.scorecard
            order by override_periods.starts_on desc, override_periods.override_id
        ) as newest_first
    from scores
    inner join override_periods
        on scores.account_id = override_periods.account_id
        and scores.scorecard = coalesce(override_periods.scorecard, scores.scorecard)
    left join csms
        on override_periods.author = csms.csm_id

),

final as (

    select
        account_id,
        scorecard,
        override_grade,
        override_by,
        override_reason,
        override_expires_on
    from ranked
    where newest_first = 1

)

select * from final
