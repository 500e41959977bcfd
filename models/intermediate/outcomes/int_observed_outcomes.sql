-- Grain: one row per account, outcome and day on which it came about, as far as it is decided by the last day.
-- Read by validation only, never by scoring.
with

spells as (

    select * from {{ ref('int_paid_spells') }}

),

levels as (

    select
        *,
        row_number() over (partition by account_id, spell_number order by starts_on desc) as newest_first
    from {{ ref('int_revenue_levels') }}

),

subscription_starts as (

    select * from {{ ref('stg_billing__subscriptions') }}
    where version_number = 1
        and change_type = 'renewal'

),

survey_responses as (

    select * from {{ ref('stg_survey__responses') }}
    where survey = 'nps'
        and score <= {{ var('detractor_score') }}

),

churned as (

    select
        spells.account_id,
        'churned' as outcome,
        spells.ends_on as outcome_on,
        spells.decided_on,
        cast(levels.mrr_usd as double) as value,
        'The last paid item ended, not as completed, and nothing was paid within {{ var("grace_days") }} days'
            as decided_by,
        coalesce({{ number_in_words('levels.mrr_usd') }} || ' USD a month', 'Revenue not known')
        || ' until then; reason given: '
        || coalesce(spells.end_reason, 'none') as evidence
    from spells
    inner join levels
        on spells.account_id = levels.account_id
        and spells.spell_number = levels.spell_number
        and levels.newest_first = 1
    where spells.has_left

),

contracted as (

    select
        account_id,
        'contracted' as outcome,
        starts_on as outcome_on,
        {{ add_days('starts_on', var('grace_days')) }} as decided_on,
        cast(mrr_usd as double) as value,
        'Revenue at constant exchange rates fell, to {{ var("contraction_pct") }} % or more below its highest level of'
        || ' the {{ var("outcome_horizons") | max }} days before, for longer than {{ var("grace_days") }} days'
            as decided_by,
        {{ number_in_words('previous_mrr_usd') }} || ' to ' || {{ number_in_words('mrr_usd') }} || ' USD a month; '
        || {{ number_in_words('highest_mrr_usd') }} || ' at its highest' as evidence
    from levels
    where mrr_usd < previous_mrr_usd
        and 100 * mrr_usd <= {{ 100 - var('contraction_pct') }} * highest_mrr_usd

),

expanded as (

    select
        account_id,
        'expanded' as outcome,
        starts_on as outcome_on,
        -- whether the level before was only a dip is known when the days of grace are over
        {{ add_days('starts_on', var('grace_days')) }} as decided_on,
        cast(mrr_usd as double) as value,
        'Revenue at constant exchange rates rose, to {{ var("expansion_pct") }} % or more above its lowest level of'
        || ' the {{ var("outcome_horizons") | max }} days before' as decided_by,
        {{ number_in_words('previous_mrr_usd') }} || ' to ' || {{ number_in_words('mrr_usd') }} || ' USD a month; '
        || {{ number_in_words('lowest_mrr_usd') }} || ' at its lowest' as evidence
    from levels
    where mrr_usd > previous_mrr_usd
        and lowest_mrr_usd > 0
        and 100 * mrr_usd >= {{ 100 + var('expansion_pct') }} * lowest_mrr_usd

),

renewed as (

    select
        account_id,
        'renewed' as outcome,
        greatest(starts_on, valid_from_on) as outcome_on,
        greatest(starts_on, valid_from_on) as decided_on,
        cast(sum(mrr_usd) as double) as value,
        'An item began a new term as a renewal' as decided_by,
        {{ counted('count(*)', 'item') }} || ', '
        || coalesce({{ number_in_words('sum(mrr_usd)') }} || ' USD a month', 'revenue not known') as evidence
    from subscription_starts
    group by 1, 2, 3, 4

),

detractors as (

    select
        account_id,
        'detractor' as outcome,
        responded_on as outcome_on,
        responded_on as decided_on,
        cast(min(score) as double) as value,
        'A user answered {{ var("detractor_score") }} or less when asked whether they would recommend us' as decided_by,
        {{ counted('count(*)', 'answer') }} || ', the lowest ' || {{ number_in_words('min(score)') }} as evidence
    from survey_responses
    where responded_on is not null
    group by 1, 2, 3, 4

),

unioned as (

    select * from churned
    union all
    select * from contracted
    union all
    select * from expanded
    union all
    select * from renewed
    union all
    select * from detractors

),

final as (

    select * from unioned
    where decided_on <= {{ as_of_date() }}

)

select * from final
