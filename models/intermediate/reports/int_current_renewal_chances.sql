-- Grain: one row per account and scorecard with a grade on the last day whose customer pays: how many like it stayed.
with

scores as (

    select * from {{ ref('int_current_scores') }}

),

-- who pays for nothing, or not any more, has nothing to renew
paying_accounts as (

    select account_id from {{ ref('int_paid_spells') }}
    where starts_on <= {{ as_of_date() }}
        and ends_on > {{ as_of_date() }}

),

renewal_probabilities as (

    select * from {{ ref('int_renewal_probabilities') }}

),

final as (

    -- by the computed grade: what people said instead has no record
    select
        scores.account_id,
        scores.scorecard,
        renewal_probabilities.renewal_probability,
        renewal_probabilities.renewal_probability_low,
        renewal_probabilities.renewal_probability_high
    from scores
    inner join paying_accounts
        on scores.account_id = paying_accounts.account_id
    inner join renewal_probabilities
        on scores.scorecard = renewal_probabilities.scorecard
        and scores.grade = renewal_probabilities.grade

)

select * from final
