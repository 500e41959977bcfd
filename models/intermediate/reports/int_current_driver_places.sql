-- Grain: one row per account and scorecard on the last day: which metrics lift it most, weigh on it most, and are
-- missing.
with

drivers as (

    select * from {{ ref('int_current_drivers') }}

),

final as (

    select
        account_id,
        scorecard,
        {%- for side, moved in [('up', 'contribution'), ('down', 'loss')] %}
        {%- for place in [1, 2, 3] %}
        {%- set here = "side = '" ~ side ~ "' and place = " ~ place %}
        {%- set driver = 'driver_' ~ side ~ '_' ~ place %}
        max(case when {{ here }} then metric end) as {{ driver }}_metric,
        max(case when {{ here }} then value end) as {{ driver }}_value,
        max(case when {{ here }} then points end) as {{ driver }}_points,
        max(case when {{ here }} then {{ moved }} end) as {{ driver }}_{{ moved }},
        {%- endfor %}
        {%- endfor %}
        max(case when side = 'missing' and place = 1 then metric end) as largest_gap_metric,
        {{ sorted_list("case when side = 'missing' then metric end") }} as not_known_metrics
    from drivers
    group by 1, 2

)

select * from final
