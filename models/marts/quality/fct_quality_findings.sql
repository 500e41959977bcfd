-- Grain: one row per finding.
-- The public face of int_quality_findings: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    finding,
    severity,
    entity,
    detail,
    found_on,
    what_to_do
from {{ ref('int_quality_findings') }}
