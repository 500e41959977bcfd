-- A measure that measures.csv does not know would be computed, stored and read by nobody: it fails, before metrics are built.
select
    emitted.measure || ' is computed, but measures.csv does not list it; add it there, or correct the mapping that names it'
        as problem
from (select distinct measure from {{ ref('int_measures__unioned') }}) as emitted
left join {{ ref('measures') }} as measures
    on emitted.measure = measures.measure
where measures.measure is null
