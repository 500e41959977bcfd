-- Grain: one row per scorecard (or all), predictor, outcome, horizon and period (a quarter, or all): how well the
-- predictor orders those who met the outcome and those who did not, by itself and beside its rivals.
{{ config(tags=['what_if']) }}

{% set names = ['scorecard', 'predictor', 'outcome', 'horizon_days', 'period'] %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}

),

grouped as (

    {{ judged_groups('pairs', 'account_id, score, has_outcome') | indent(4) }}

),

-- one number instead of five names: sorting is most of the work
groups as (

    select *, row_number() over (order by {{ names | join(', ') }}) as group_number
    from (select distinct {{ names | join(', ') }} from grouped) as distinct_groups

),

numbered as (

    select groups.group_number, grouped.account_id, grouped.score, grouped.has_outcome
    from grouped
    inner join groups
        on grouped.scorecard = groups.scorecard
        and grouped.predictor = groups.predictor
        and grouped.outcome = groups.outcome
        and grouped.horizon_days = groups.horizon_days
        and grouped.period = groups.period

),

levels as (

    {{ score_levels('numbered', ['group_number']) }}

),

placements as (

    {{ account_placements('numbered', 'levels', ['group_number']) }}

),

areas as (

    {{ clustered_auc('placements', ['group_number']) }}

),

lifts as (

    select
        levels.group_number,
        {{ lowest_tenth_lift('levels') | indent(8) }} as lowest_tenth_lift
    from levels
    group by levels.group_number

),

-- the generic score for every predictor, and for a challenger its champion as well
rivals as (

    select
        groups.group_number,
        others.group_number as rival_group_number,
        case others.predictor when 'generic' then 'generic' else 'champion' end as rival
    from groups
    inner join groups as others
        on groups.scorecard = others.scorecard
        and groups.outcome = others.outcome
        and groups.horizon_days = others.horizon_days
        and groups.period = others.period
        and groups.predictor <> others.predictor
    where others.predictor = 'generic'
        or others.predictor = 'scorecard' and {{ is_challenger('groups.predictor') }}

),

-- placements of one account by two predictors, subtracted: what varies for both alike cancels out
against_rivals as (

    select
        placements.group_number,
        rivals.rival,
        placements.account_id,
        placements.all_events,
        placements.all_others,
        placements.events,
        placements.others,
        placements.placed_events - others.placed_events as placed_events,
        placements.placed_others - others.placed_others as placed_others
    from placements
    inner join rivals
        on placements.group_number = rivals.group_number
    inner join placements as others
        on rivals.rival_group_number = others.group_number
        and placements.account_id = others.account_id

),

differences as (

    {{ clustered_auc('against_rivals', ['group_number', 'rival']) | indent(4) }}

),

final as (

    select
        groups.scorecard,
        groups.predictor,
        groups.outcome,
        groups.horizon_days,
        groups.period,
        areas.accounts,
        areas.accounts_with_outcome,
        areas.auc,
        areas.standard_error,
        areas.error_freedom,
        lifts.lowest_tenth_lift,
        from_generic.auc as auc_minus_generic,
        from_generic.standard_error as generic_error,
        from_champion.auc as auc_minus_champion,
        from_champion.standard_error as champion_error
    from groups
    inner join areas
        on groups.group_number = areas.group_number
    inner join lifts
        on groups.group_number = lifts.group_number
    left join differences as from_generic
        on groups.group_number = from_generic.group_number
        and from_generic.rival = 'generic'
    left join differences as from_champion
        on groups.group_number = from_champion.group_number
        and from_champion.rival = 'champion'

)

select * from final
