-- Grain: one row per version and grade.
-- The public face of int_grades: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    grade_version,
    effective_from,
    effective_to,
    is_in_force,
    grade,
    min_score,
    below_score,
    colour,
    grade_label,
    band,
    meaning,
    playbook
from {{ ref('int_grades') }}
