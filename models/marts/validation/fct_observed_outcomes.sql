-- Grain: one row per account, outcome and day on which it came about, as far as it is decided by the last day.
-- The public face of int_observed_outcomes: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    outcome,
    outcome_on,
    decided_on,
    value,
    decided_by,
    evidence
from {{ ref('int_observed_outcomes') }}
