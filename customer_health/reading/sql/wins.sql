with happened as (
    select account_id, reached_on as happened_on, 'value' as kind, label
    from journey.fct_milestones
    where is_value_moment and reached_on > $before and reached_on <= $day
    union
    select account_id, max(outcome_on) as happened_on, outcome as kind, null as label
    from validation.fct_observed_outcomes
    where outcome in ('renewed', 'expanded') and outcome_on > $before and outcome_on <= $day
    group by account_id, outcome
)

select
    happened.account_id, accounts.account_name, accounts.csm_id, accounts.mrr_usd, happened.happened_on,
    happened.kind, happened.label
from happened
inner join health.dim_accounts as accounts on happened.account_id = accounts.account_id and accounts.is_customer
where $csm is null or accounts.csm_id = $csm
order by kind = 'value' desc, kind, accounts.mrr_usd desc nulls last, account_id, label
