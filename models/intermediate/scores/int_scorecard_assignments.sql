-- Grain: one row per account, scorecard and stretch of days in which this version of it scores the account.
-- An account has the champion of every outcome that it declared; one for its segment replaces the general one.
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

final as (

    select
        general.account_id,
        general.scorecard,
        general.scorecard_version,
        general.desired_outcome,
        general.is_primary,
        general.assigned_from_on,
        -- a scorecard for the segment that starts within the stretch takes over from its first day
        least(general.assigned_to_on, coalesce(min(specific.assigned_from_on), general.assigned_to_on)) as assigned_to_on
    from candidates as general
    left join candidates as specific
        on general.account_id = specific.account_id
        and general.desired_outcome = specific.desired_outcome
        and specific.is_for_segment
        and not general.is_for_segment
        and specific.assigned_from_on < general.assigned_to_on
        and specific.assigned_to_on > general.assigned_from_on
    group by 1, 2, 3, 4, 5, 6, general.assigned_to_on
    having least(general.assigned_to_on, coalesce(min(specific.assigned_from_on), general.assigned_to_on))
        > general.assigned_from_on

)

select * from final
