-- Grain: one row per path, clock instance and condition: the first day on which the condition held while the clock ran.
-- What was reached in the same spell before the outcome was declared counts as reached.
with

clocks as (

    select * from {{ ref('int_journey_clocks') }}

),

conditions as (

    select distinct
        desired_outcome,
        case when clock = 'renewal' then 'renewal' else 'path' end as clock_kind,
        coalesce(metric, measure) as observed,
        comparator,
        threshold
    from {{ ref('milestones') }}

),

hits as (

    select * from {{ ref('int_milestone_hits') }}

),

final as (

    select
        clocks.account_id,
        clocks.spell_number,
        clocks.desired_outcome,
        clocks.path_number,
        clocks.clock_kind,
        clocks.instance_number,
        conditions.observed,
        conditions.comparator,
        conditions.threshold,
        min(greatest(hits.holds_from_on, clocks.counts_from_on)) as reached_on
    from clocks
    inner join conditions
        on clocks.desired_outcome = conditions.desired_outcome
        and clocks.clock_kind = conditions.clock_kind
    inner join hits
        on clocks.account_id = hits.account_id
        and conditions.observed = hits.observed
        and conditions.comparator = hits.comparator
        and conditions.threshold = hits.threshold
        and clocks.counts_from_on < hits.holds_until_on
        and clocks.clock_ends_on > hits.holds_from_on
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

)

select * from final
