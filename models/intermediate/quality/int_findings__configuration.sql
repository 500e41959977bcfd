-- Grain: one row per finding about the configuration and about what people decided: reviews, releases, weights, overrides.
-- The configuration is checked before each build as well; here it is judged by the day that the marts describe.
{{ config(materialized='view') }}

{% set leading_share_min = 0.4 %}
{% set outcomes_max = 4 %}
{% set review_grace_days = 90 %}
{% set override_memory_days = 90 %}

with

cards as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

),

leading_shares as (

    select
        weights.scorecard,
        sum(case when metrics.indicator_type = 'leading' then weights.weight else 0 end) / sum(weights.weight) as leading_share
    from {{ ref('int_scorecard_weights') }} as weights
    inner join cards
        on weights.scorecard = cards.scorecard
        and weights.scorecard_version = cards.version
    inner join {{ ref('metrics') }} as metrics
        on weights.metric = metrics.metric
    where lower(cards.rationale) not like '%leading share:%'
    group by 1

),

outcome_counts as (

    select count(*) as outcomes from {{ ref('desired_outcomes') }}

),

released as (

    select * from {{ ref('released_versions') }}

),

versions_in_force as (

    select 'scorecard' as kind, scorecard as name, version from cards
    union all
    select 'rule' as kind, rule as name, version
    from {{ ref('score_rules') }}
    where {{ is_in_force() }}
    union all
    select distinct 'benchmark' as kind, benchmarks.metric as name, benchmarks.version
    from {{ ref('benchmarks') }} as benchmarks
    inner join {{ ref('scorecard_metrics') }} as scorecard_metrics
        on benchmarks.metric = scorecard_metrics.metric
        and scorecard_metrics.weight > 0
    inner join cards
        on scorecard_metrics.scorecard = cards.scorecard
        and scorecard_metrics.version = cards.version
    where {{ is_in_force('benchmarks') }}
    union all
    select distinct 'grade' as kind, 'grades' as name, version
    from {{ ref('grades') }}
    where {{ is_in_force() }}
    union all
    select distinct 'milestone' as kind, desired_outcome || '/' || milestone as name, version
    from {{ ref('milestones') }}
    where {{ is_in_force() }}

),

unreleased as (

    select versions_in_force.*
    from versions_in_force
    left join released
        on versions_in_force.kind = released.kind
        and versions_in_force.name = released.name
        and versions_in_force.version = released.version
    where released.kind is null

),

declared_today as (

    select
        account_days.account_id,
        desired_outcomes.desired_outcome
    from {{ ref('int_account_days') }} as account_days
    inner join {{ ref('desired_outcomes') }} as desired_outcomes
        on {{ list_contains_item('account_days.desired_outcomes', 'desired_outcomes.desired_outcome') }}
    where account_days.date_day = {{ as_of_date() }}

),

outcomes_without_scorecard as (

    select
        declared_today.desired_outcome,
        count(*) as accounts
    from declared_today
    left join {{ ref('int_scorecard_assignments') }} as assignments
        on declared_today.account_id = assignments.account_id
        and declared_today.desired_outcome = assignments.desired_outcome
        and assignments.assigned_from_on <= {{ as_of_date() }}
        and assignments.assigned_to_on > {{ as_of_date() }}
    where assignments.account_id is null
    group by 1

),

overrides as (

    select * from {{ ref('stg_crm__score_overrides') }}
    where valid_from_on <= {{ as_of_date() }}
        and valid_to_on > {{ as_of_date() }}

),

grades as (

    select distinct grade from {{ ref('grades') }}

),

final as (

    select
        'review_overdue' as finding,
        scorecard as entity,
        'version ' || cast(version as {{ dbt.type_string() }}) || ' was to be reviewed by '
        || cast(next_review_on as {{ dbt.type_string() }}) as detail,
        next_review_on as found_on
    from cards
    where next_review_on <= {{ add_days(as_of_date(), -review_grace_days) }}
    union all
    select
        'leading_share_low' as finding,
        scorecard as entity,
        {{ percent_in_words('100 * leading_share') }} || ' of the weight is on leading metrics' as detail,
        {{ as_of_date() }} as found_on
    from leading_shares
    where leading_share < {{ leading_share_min }}
    union all
    select
        'outcomes_too_many' as finding,
        'desired_outcomes' as entity,
        {{ counted('outcomes', 'desired outcome') }} || ' are configured' as detail,
        {{ as_of_date() }} as found_on
    from outcome_counts
    where outcomes > {{ outcomes_max }}
    union all
    select
        'version_not_released' as finding,
        kind || '/' || name as entity,
        'version ' || cast(version as {{ dbt.type_string() }}) || ' scores already, but is not released' as detail,
        {{ as_of_date() }} as found_on
    from unreleased
    union all
    select
        'outcome_without_scorecard' as finding,
        desired_outcome as entity,
        {{ counted('accounts', 'account') }} || ' declared it, and no scorecard in force scores them for it' as detail,
        {{ as_of_date() }} as found_on
    from outcomes_without_scorecard
    union all
    select
        'override_expired' as finding,
        override_id as entity,
        'grade ' || grade || ' of account ' || account_id || ' no longer counts' as detail,
        expires_on as found_on
    from overrides
    where expires_on <= {{ as_of_date() }}
        and expires_on > {{ add_days(as_of_date(), -override_memory_days) }}
    union all
    select
        'override_invalid' as finding,
        override_id as entity,
        case
            when grade not in (select grade from grades) then 'grades.csv has no grade ' || grade
            else 'scorecards.csv has no scorecard ' || scorecard
        end as detail,
        created_on as found_on
    from overrides
    where grade not in (select grade from grades)
        or scorecard not in (select scorecard from {{ ref('scorecards') }})

)

select * from final
