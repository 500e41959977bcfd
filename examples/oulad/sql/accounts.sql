-- Grain: one row per registration.
select
    account_id,
    'Student ' || id_student || ' in ' || code_module || ' ' || code_presentation as name,
    cast(null as varchar) as parent_account_id,
    if(num_of_prev_attempts > 0, 'repeat_attempt', 'first_attempt') as segment,
    code_module as industry,
    region,
    'USD' as currency,
    cast(registered_on as timestamp) as created_at,
    cast(null as varchar) as csm_id,
    'course' as contracted_products,
    cast(null as varchar) as not_recorded,
    cast(registered_on as timestamp) as updated_at
from registrations
order by account_id
