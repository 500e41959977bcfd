-- Grain: one row per version and grade.
with

grades as (

    select * from {{ ref('grades') }}

),

final as (

    select
        version as grade_version,
        effective_from,
        effective_to,
        {{ is_in_force() }} as is_in_force,
        grade,
        min_score,
        lead(min_score) over (partition by version order by min_score nulls last) as below_score,
        colour,
        label as grade_label,
        {{ grade_band('grade') | indent(8) }} as band,
        meaning,
        playbook
    from grades

)

select * from final
