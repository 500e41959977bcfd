-- Grain: one row per raw table of facts and reason for which facts lie on days on which their account was no customer.
-- The public face of int_facts_outside: its columns as readers know them.
{{ config(materialized='view', tags=['face']) }}

select
    raw_table,
    reason,
    outside_rows,
    fact_rows,
    outside_share,
    accounts,
    first_on,
    last_on
from {{ ref('int_facts_outside') }}
