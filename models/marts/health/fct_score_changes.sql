-- Grain: one row per account, day, scorecard, effect and metric (null for effects of the whole score): the part of the
-- step from the day before that this effect explains.
-- The public face of int_score_changes: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    account_id,
    date_day,
    scorecard,
    effect,
    metric,
    change_points
from {{ ref('int_score_changes') }}
