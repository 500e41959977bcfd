-- Grain: one row per finding about the configuration and about its governance: reviews, releases, weights.
-- The configuration is checked before each build as well; here it is judged by the day that the marts describe.
{{ config(materialized='view') }}

{% set outcomes_max = 4 %}
{% set review_grace_days = 90 %}

with

cards as (

    select * from {{ ref('scorecards') }}
    where status = 'champion'
        and {{ is_in_force() }}

),

leading_shares as (

    select
        weights.scorecard,
        sum(case when metrics.indicator_type = 'leading' then weights.weight else 0 end)
        / nullif(sum(weights.weight), 0)
            as leading_share
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

unreleased as (

    select * from {{ ref('int_unreleased_versions') }}

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
    where leading_share < {{ var_as_double('leading_share_min') }}
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

)

select * from final
