-- Grain: one row per account and day on which paid terms of it end, within the renewal horizon or past and not yet
-- renewed.
-- The public face of int_renewals_due: its columns as readers know them, and the code in words.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    account_name,
    segment,
    csm_id,
    csm_name,
    term_ends_on,
    renews_in_days,
    renewal_code,
    {{ renewal_in_words('renewal_code') }} as renewal_status,
    products,
    subscriptions,
    mrr_due_usd,
    account_mrr_usd,
    health_score,
    shown_grade,
    grade_label,
    change_28d_points,
    is_fast_drop,
    driver_down_1,
    next_step,
    term_starts_on
from {{ ref('int_renewals_due') }}
