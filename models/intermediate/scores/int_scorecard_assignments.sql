-- Grain: one row per account, scorecard and stretch of days in which this version of it scores the account.
-- An account has the champion of every outcome that it declared; one for its segment replaces the general one.
{{ config(tags=['what_if']) }}

with

changes as (

    select
        *,
        coalesce(lead(changed_on) over (partition by account_id order by changed_on), {{ open_end() }}) as ends_on
    from {{ ref('int_account_changes') }}

),

champions as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'

),

candidates as (

    select
        changes.account_id,
        champions.scorecard,
        champions.version as scorecard_version,
        champions.desired_outcome,
        changes.primary_outcome = champions.desired_outcome as is_primary,
        champions.segment is not null as is_for_segment,
        greatest(changes.changed_on, champions.effective_from) as assigned_from_on,
        least(changes.ends_on, coalesce(champions.effective_to, {{ open_end() }})) as assigned_to_on
    from changes
    inner join champions
        on {{ list_contains_item('changes.desired_outcomes', 'champions.desired_outcome') }}
        and coalesce(champions.segment, changes.segment, '') = coalesce(changes.segment, '')
        and changes.changed_on < coalesce(champions.effective_to, {{ open_end() }})
        and changes.ends_on > champions.effective_from
    where changes.spell_number is not null

),

-- where a scorecard for the segment begins or ends, the general one stops or goes on
specific_edges as (

    select account_id, desired_outcome, assigned_from_on as edge_on from candidates
    where is_for_segment
    union
    select account_id, desired_outcome, assigned_to_on as edge_on from candidates
    where is_for_segment

),

piece_starts as (

    select
        *,
        assigned_from_on as starts_on
    from candidates
    where not is_for_segment
    union
    select
        general.*,
        specific_edges.edge_on as starts_on
    from candidates as general
    inner join specific_edges
        on general.account_id = specific_edges.account_id
        and general.desired_outcome = specific_edges.desired_outcome
        and general.assigned_from_on < specific_edges.edge_on
        and general.assigned_to_on > specific_edges.edge_on
    where not general.is_for_segment

),

pieces as (

    select
        account_id,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        starts_on as assigned_from_on,
        coalesce(
            lead(starts_on) over (
                partition by account_id, scorecard, scorecard_version, assigned_from_on
                order by starts_on
            ),
            assigned_to_on
        ) as assigned_to_on
    from piece_starts

),

final as (

    select
        account_id,
        scorecard,
        scorecard_version,
        desired_outcome,
        is_primary,
        assigned_from_on,
        assigned_to_on
    from candidates
    where is_for_segment
    union all
    select
        pieces.account_id,
        pieces.scorecard,
        pieces.scorecard_version,
        pieces.desired_outcome,
        pieces.is_primary,
        pieces.assigned_from_on,
        pieces.assigned_to_on
    from pieces
    left join candidates as specific
        on pieces.account_id = specific.account_id
        and pieces.desired_outcome = specific.desired_outcome
        and specific.is_for_segment
        and pieces.assigned_from_on >= specific.assigned_from_on
        and pieces.assigned_from_on < specific.assigned_to_on
    where specific.account_id is null

)

select * from final
