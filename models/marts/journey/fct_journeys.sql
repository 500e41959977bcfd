-- Grain: one row per account, spell, desired outcome and path: when it brought value, and when onboarding was over.
-- The public face of int_journeys: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    spell_number,
    desired_outcome,
    path_number,
    path_starts_on,
    path_ends_on,
    is_current,
    first_value_on,
    time_to_value_days,
    onboarded_on,
    onboarding_days,
    first_renewed_on,
    onboarding_end_to_first_renewal_days
from {{ ref('int_journeys') }}
