-- Grain: one row per account and scorecard on the last day: what lifts its score, weighs on it and is not known, in
-- words.
with

drivers as (

    select * from {{ ref('int_current_drivers') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

described as (

    select
        drivers.account_id,
        drivers.scorecard,
        drivers.side,
        drivers.place,
        {{ driver_in_words(
            side='drivers.side',
            label='metrics.label',
            value=value_in_words('drivers.value', 'metrics.unit', 'metrics.aggregation'),
            value_status='drivers.value_status',
            points='drivers.points',
            contribution='drivers.contribution',
            loss='drivers.loss'
        ) }} as sentence
    from drivers
    inner join metrics
        on drivers.metric = metrics.metric
    where drivers.side in ('up', 'down', 'missing')

),

final as (

    select
        account_id,
        scorecard,
        {%- for side in ['up', 'down'] %}
        {%- for place in [1, 2, 3] %}
        max(case when side = '{{ side }}' and place = {{ place }} then sentence end) as driver_{{ side }}_{{ place }},
        {%- endfor %}
        {%- endfor %}
        replace({{ sorted_list("case when side = 'missing' then sentence end") }}, ';', '; ') as not_known
    from described
    group by 1, 2

)

select * from final
