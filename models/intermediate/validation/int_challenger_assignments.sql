-- Grain: one row per account, challenger and stretch of days in which it stands beside a champion.
-- A challenger scores all days, whatever its dates say, on which a champion scores the same outcome: a challenger for a
-- segment the accounts of that segment, a general one those that no scorecard for a segment scores. Without challengers
-- there are no rows.
with

changes as (

    select
        *,
        coalesce(lead(changed_on) over (partition by account_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_account_changes') }}

),

challengers as (

    select * from {{ ref('scorecards') }}
    where status = 'challenger'

),

champions as (

    select
        assignments.*,
        scorecards.segment
    from {{ ref('int_scorecard_assignments') }} as assignments
    inner join {{ ref('scorecards') }} as scorecards
        on assignments.scorecard = scorecards.scorecard
        and assignments.scorecard_version = scorecards.version

),

candidates as (

    select
        changes.account_id,
        challengers.scorecard,
        challengers.version as scorecard_version,
        challengers.desired_outcome,
        challengers.segment,
        changes.changed_on as starts_on,
        changes.ends_on
    from changes
    inner join challengers
        on {{ list_contains_item('changes.desired_outcomes', 'challengers.desired_outcome') }}
        and coalesce(challengers.segment, changes.segment, '') = coalesce(changes.segment, '')
    where changes.spell_number is not null

),

final as (

    select
        candidates.account_id,
        candidates.scorecard,
        candidates.scorecard_version,
        candidates.desired_outcome,
        champions.scorecard as champion_scorecard,
        champions.is_primary,
        greatest(candidates.starts_on, champions.assigned_from_on) as assigned_from_on,
        least(candidates.ends_on, champions.assigned_to_on) as assigned_to_on
    from candidates
    inner join champions
        on candidates.account_id = champions.account_id
        and candidates.desired_outcome = champions.desired_outcome
        and candidates.starts_on < champions.assigned_to_on
        and candidates.ends_on > champions.assigned_from_on
    where candidates.segment is not null
        or champions.segment is null

)

select * from final
