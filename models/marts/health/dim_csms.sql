-- Grain: one row per customer success manager, as of the last day.
-- The public face of int_current_csms: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    csm_id,
    csm_name,
    team,
    weekly_hours
from {{ ref('int_current_csms') }}
