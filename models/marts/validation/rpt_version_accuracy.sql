-- Grain: one row per scorecard, version and horizon: how well it told who leaves since it went live, beside its go-live
-- baseline: what the scorecard was known to achieve on the day on which this version took over.
{% set groups = ['scorecard', 'version', 'effective_from', 'horizon_days', 'part'] %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'
        and outcome = 'churned'

),

versions as (

    select scorecard, version, effective_from from {{ ref('scorecards') }}
    where status <> 'challenger'
        and effective_from <= {{ as_of_date() }}

),

observations as (

    select
        versions.scorecard,
        versions.version,
        versions.effective_from,
        pairs.horizon_days,
        case when versions.version = pairs.scorecard_version then 'since' else 'baseline' end as part,
        pairs.account_id,
        pairs.score,
        pairs.has_outcome
    from versions
    inner join pairs
        on versions.scorecard = pairs.scorecard
    where versions.version = pairs.scorecard_version
        or versions.version > pairs.scorecard_version and versions.effective_from >= pairs.decided_on

),

levels as (

    {{ score_levels('observations', groups) }}

),

placements as (

    {{ account_placements('observations', 'levels', groups) }}

),

areas as (

    {{ clustered_auc('placements', groups) }}

),

judged as (

    select
        *,
        {{ auc_limit('areas', 'low') | indent(8) }} as auc_low,
        {{ auc_limit('areas', 'high') | indent(8) }} as auc_high
    from areas

),

final as (

    select
        scorecard,
        version as scorecard_version,
        horizon_days,
        {%- for part in ['baseline', 'since'] %}
        cast(max(case when part = '{{ part }}' then events + others end) as integer) as observations_{{ part }},
        cast(max(case when part = '{{ part }}' then accounts_with_outcome end) as integer)
            as accounts_with_outcome_{{ part }},
        max(case when part = '{{ part }}' then auc end) as auc_{{ part }},
        max(case when part = '{{ part }}' then auc_low end) as auc_low_{{ part }},
        max(case when part = '{{ part }}' then auc_high end) as auc_high_{{ part }},
        {%- endfor %}
        effective_from as went_live_on
    from judged
    group by scorecard, version, effective_from, horizon_days

)

select * from final
