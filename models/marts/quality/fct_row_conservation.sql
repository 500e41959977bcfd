-- Grain: one row per table of the raw contract.
-- The public face of int_row_conservation: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    raw_table,
    raw_rows,
    staged_rows,
    superseded_rows,
    quarantined_rows,
    is_conserved
from {{ ref('int_row_conservation') }}
