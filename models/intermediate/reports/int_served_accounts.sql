-- Grain: one row per account and decided month end with a CSM whose hours are known: whether these would reach to it,
-- the lowest scores first, of equal ones the larger contract.
{% set horizon_days = renewal_outcome_horizon() | int %}

with

pairs as (

    select * from {{ ref('int_score_outcome_pairs') }}
    where predictor = 'scorecard'
        and outcome = 'churned'
        and horizon_days = {{ horizon_days }}

),

observations as (

    select * from {{ ref('int_outcome_observations') }}
    where outcome = 'churned'

),

assigned as (

    select
        pairs.account_id,
        pairs.date_day,
        pairs.score,
        pairs.band,
        pairs.has_outcome,
        observations.mrr_usd,
        csms.csm_id,
        floor(
            cast(csms.weekly_hours as double) * 52 / 12 * {{ var_as_double('rescue_hours_share') }}
            / nullif({{ var_as_double('rescue_hours') }}, 0)
        ) as capacity
    from pairs
    inner join observations
        on pairs.account_id = observations.account_id
        and pairs.date_day = observations.date_day
    inner join {{ ref('stg_crm__accounts') }} as accounts
        on pairs.account_id = accounts.account_id
        and pairs.date_day >= accounts.valid_from_on
        and pairs.date_day < accounts.valid_to_on
    inner join {{ ref('stg_crm__csms') }} as csms
        on accounts.csm_id = csms.csm_id
        and pairs.date_day >= csms.valid_from_on
        and pairs.date_day < csms.valid_to_on
    where csms.weekly_hours is not null

),

final as (

    select
        *,
        row_number() over (
            partition by csm_id, date_day order by score, mrr_usd desc nulls last, account_id
        ) <= capacity as is_served
    from assigned

)

select * from final
