-- Grain: one row per curve and stretch between two of its breakpoints: points run from points_from to points_to while
-- the value runs from value_from to value_to. Before the first and after the last breakpoint the points stay as they
-- are.
{{ config(tags=['what_if']) }}

with

curves as (

    select distinct
        curve,
        length(curve) - length(replace(curve, ';', '')) + 1 as parts
    from {{ ref('benchmarks') }}
    where method = 'curve'

),

-- one row per part of each curve, however many it has
parts as (

    select
        curve,
        {{ each_day("cast('2000-01-01' as date)", add_days("cast('2000-01-01' as date)", 'parts - 1')) }}
            as counting_day
    from curves

),

positions as (

    select
        curve,
        row_number() over (partition by curve order by counting_day) as position
    from parts

),

breakpoint_texts as (

    select
        curve,
        position,
        {{ dbt.split_part('curve', "';'", 'position') }} as breakpoint
    from positions

),

breakpoints as (

    select
        curve,
        position,
        cast({{ dbt.split_part('breakpoint', "':'", 1) }} as double) as value_at,
        cast({{ dbt.split_part('breakpoint', "':'", 2) }} as double) as points_at
    from breakpoint_texts
    where breakpoint <> ''

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
