-- Grain: one row per account known on the last day, customers and others, as it stands on that day.
-- The public face of int_current_accounts: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    account_name,
    segment,
    industry,
    region,
    currency,
    csm_id,
    csm_name,
    csm_team,
    parent_account_id,
    top_parent_account_id,
    is_customer,
    is_in_grace,
    first_customer_on,
    last_customer_on,
    tenure_days,
    tenure_band,
    mrr_usd,
    seats,
    desired_outcomes,
    primary_outcome
from {{ ref('int_current_accounts') }}
