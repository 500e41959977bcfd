-- Grain: one row per curve and stretch between two of its breakpoints: points run from points_from to points_to while the
-- value runs from value_from to value_to. Before the first and after the last breakpoint the points stay as they are.
{{ config(tags=['what_if']) }}

with

curves as (

    select distinct curve from {{ ref('benchmarks') }}
    where method = 'curve'

),

positions as (

    select
        row_number() over (order by date_day) as position
    from (select {{ each_day("cast('2000-01-01' as date)", "cast('2000-02-19' as date)") }} as date_day) as fifty

),

breakpoints as (

    select
        curves.curve,
        positions.position,
        cast({{ dbt.split_part(dbt.split_part('curves.curve', "';'", 'positions.position'), "':'", 1) }} as double) as value_at,
        cast({{ dbt.split_part(dbt.split_part('curves.curve', "';'", 'positions.position'), "':'", 2) }} as double) as points_at
    from curves
    inner join positions
        on {{ dbt.split_part('curves.curve', "';'", 'positions.position') }} <> ''

),

stretches as (

    select
        curve,
        position,
        value_at as value_from,
        points_at as points_from,
        lead(value_at) over (partition by curve order by position) as value_to,
        lead(points_at) over (partition by curve order by position) as points_to
    from breakpoints

),

final as (

    select
        curve,
        -- the first stretch reaches back and the last one ahead: interpolation clips there
        case when position = 1 then cast('-infinity' as double) else value_from end as applies_from,
        coalesce(value_to, cast('infinity' as double)) as applies_to,
        value_from,
        coalesce(value_to, value_from + 1) as value_to,
        points_from,
        coalesce(points_to, points_from) as points_to
    from stretches

)

select * from final
