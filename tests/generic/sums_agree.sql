{#
    The same total, group by group, whatever the rows are grouped by: `levels` of one model must not lose or double
    anything.
#}
{% test sums_agree(model, level_column, columns) %}

with

totals as (

    select
        {{ level_column }},
        {%- for column in columns %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
    group by 1

)

select *
from totals
where exists (
    select 1 from totals as others
    where {% for column in columns %}others.{{ column }} <> totals.{{ column }}{{ ' or ' if not loop.last }}{% endfor %}
)

{% endtest %}
