-- Fails on each value status that value_statuses.csv and macros/normalise_points.sql do not both know, or judge
-- differently.
with

seed_rows as (

    select * from {{ ref('value_statuses') }}

),

macro_rows as (

    {%- for value_status in value_statuses() %}
    select '{{ value_status }}' as value_status, {{ value_status in statuses_that_earn() }} as earns_points
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        coalesce(seed_rows.value_status, macro_rows.value_status) as value_status,
        case
            when macro_rows.value_status is null then 'value_statuses.csv lists it, and no metric can have it'
            when seed_rows.value_status is null then 'metrics can have it, and value_statuses.csv does not list it'
            else 'value_statuses.csv says otherwise whether it earns points'
        end as problem
    from seed_rows
    full outer join macro_rows
        on seed_rows.value_status = macro_rows.value_status
    where seed_rows.value_status is null
        or macro_rows.value_status is null
        or seed_rows.earns_points <> macro_rows.earns_points

)

select * from final
