-- Grain: one row per scorecard, version and horizon: how well it told who leaves since it went live, beside its go-live
-- baseline: what the scorecard was known to achieve on the day on which this version took over.
{% set numbered = ['group_number'] %}

with

pairs as (

    select * from {{ ref('fct_score_outcome_pairs') }}
    where predictor = 'scorecard'
        and outcome = 'churned'

),

versions as (

    select scorecard, version, effective_from from {{ ref('scorecards') }}
    where status <> 'challenger'
        and effective_from <= {{ as_of_date() }}

),

observed as (

    select
        versions.scorecard,
        versions.version,
        versions.effective_from,
        pairs.horizon_days,
        'since' as part,
        pairs.account_id,
        pairs.score,
        pairs.has_outcome
    from versions
    inner join pairs
        on versions.scorecard = pairs.scorecard
        and versions.version = pairs.scorecard_version
    union all
    select
        versions.scorecard,
        versions.version,
        versions.effective_from,
        pairs.horizon_days,
        'baseline' as part,
        pairs.account_id,
        pairs.score,
        pairs.has_outcome
    from versions
    inner join pairs
        on versions.scorecard = pairs.scorecard
        and versions.version > pairs.scorecard_version
        and versions.effective_from >= pairs.decided_on

),

groups as (

    select *, row_number() over (order by scorecard, version, horizon_days, part) as group_number
    from (select distinct scorecard, version, effective_from, horizon_days, part from observed) as distinct_groups

),

observations as (

    select
        groups.group_number,
        observed.account_id,
        observed.score,
        observed.has_outcome
    from observed
    inner join groups
        on observed.scorecard = groups.scorecard
        and observed.version = groups.version
        and observed.horizon_days = groups.horizon_days
        and observed.part = groups.part

),

levels as (

    {{ score_levels('observations', numbered) | indent(4) }}

),

placements as (

    {{ account_placements('observations', 'levels', numbered) | indent(4) }}

),

areas as (

    {{ clustered_auc('placements', numbered) | indent(4) }}

),

parts as (

    select
        groups.*,
        areas.events + areas.others as observations,
        areas.accounts_with_outcome,
        areas.auc,
        {{ auc_limit('areas.auc', 'areas.standard_error', 'low') }} as auc_low,
        {{ auc_limit('areas.auc', 'areas.standard_error', 'high') }} as auc_high
    from groups
    inner join areas
        on groups.group_number = areas.group_number

),

final as (

    select
        scorecard,
        version as scorecard_version,
        horizon_days,
        {%- for part in ['baseline', 'since'] %}
        cast(max(case when part = '{{ part }}' then observations end) as integer) as observations_{{ part }},
        cast(max(case when part = '{{ part }}' then accounts_with_outcome end) as integer) as accounts_with_outcome_{{ part }},
        max(case when part = '{{ part }}' then auc end) as auc_{{ part }},
        max(case when part = '{{ part }}' then auc_low end) as auc_low_{{ part }},
        max(case when part = '{{ part }}' then auc_high end) as auc_high_{{ part }},
        {%- endfor %}
        max(effective_from) as went_live_on
    from parts
    group by scorecard, version, horizon_days

)

select * from final
