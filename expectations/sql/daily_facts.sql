select mine.schema_name || '.' || mine.table_name
from duckdb_columns() as mine
inner join duckdb_columns() as theirs
    on theirs.database_name = 'published'
    and mine.schema_name = theirs.schema_name
    and mine.table_name = theirs.table_name
    and mine.column_name = theirs.column_name
inner join duckdb_tables() as tables
    on mine.database_name = tables.database_name
    and mine.schema_name = tables.schema_name
    and mine.table_name = tables.table_name
where mine.database_name = current_database()
    and mine.schema_name in ('health', 'journey')
    and mine.table_name like 'fct_%' and mine.table_name <> 'fct_metric_points'
    and mine.column_name = 'date_day'
order by 1
