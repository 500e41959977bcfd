-- Grain: one row per account and scorecard on the last day: the sentences that people read about it.
-- The public face of int_account_health_words: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    scorecard,
    grade_meaning,
    grade_note,
    override_in_words,
    rule_in_words,
    confidence,
    main_cause_28d,
    driver_up_1,
    driver_up_2,
    driver_up_3,
    driver_down_1,
    driver_down_2,
    driver_down_3,
    not_known,
    next_step
from {{ ref('int_account_health_words') }}
