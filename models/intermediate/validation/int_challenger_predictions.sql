-- Grain: one row per account, month end and challenger that stands beside the account's headline scorecard: what would
-- have been said, had it been in force. It judges the accounts that the champion judges on that day; those that a
-- challenger for a segment leaves to it keep its score, and of whom the challenger knows too little stands in the
-- middle.
with

champions as (

    select * from {{ ref('int_predictions') }}
    where predictor = 'scorecard'

),

challengers as (

    select
        scores.*,
        'challenger ' || scores.scorecard || ' ' || cast(scores.scorecard_version as {{ dbt.type_string() }})
            as predictor
    from {{ ref('int_challenger_scores') }} as scores
    inner join (select distinct date_day from champions) as month_ends
        on scores.date_day = month_ends.date_day
    where scores.is_primary

),

stands_beside as (

    select distinct
        predictor,
        champion_scorecard
    from challengers

),

final as (

    select
        champions.account_id,
        champions.date_day,
        champions.scorecard,
        champions.scorecard_version,
        stands_beside.predictor,
        case
            when challengers.account_id is null then champions.score
            else coalesce(challengers.health_score, 50)
        end as score,
        coalesce(challengers.raw_grade, case when challengers.account_id is null then champions.grade end) as grade,
        case
            when challengers.account_id is null then champions.band
            else {{ grade_band('challengers.raw_grade') | indent(12) }}
        end as band
    from champions
    inner join stands_beside
        on champions.scorecard = stands_beside.champion_scorecard
    left join challengers
        on champions.account_id = challengers.account_id
        and champions.date_day = challengers.date_day
        and champions.scorecard = challengers.champion_scorecard
        and stands_beside.predictor = challengers.predictor

)

select * from final
