-- Every raw row has exactly one fate. A staging model that loses or doubles rows stops here, named by its table.
select
    raw_table || ': ' || cast(raw_rows as {{ dbt.type_string() }}) || ' raw rows, '
        || cast(staged_rows + superseded_rows + quarantined_rows as {{ dbt.type_string() }}) || ' accounted for'
        as problem
from {{ ref('int_row_conservation') }}
where not is_conserved
