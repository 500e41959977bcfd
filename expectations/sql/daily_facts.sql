-- one row per mart that both hold and that the build keeps by day; points are published for some days only
with

last_run as (

    select tables_by_day
    from build_log.finished_runs
    order by finished_at desc
    limit 1

),

by_day as (

    select unnest(string_split(tables_by_day, ';')) as mart
    from last_run

),

published as (

    select schema_name || '.' || table_name as mart
    from duckdb_tables()
    where database_name = 'published' and schema_name in ('health', 'journey')

)

select by_day.mart
from by_day
inner join published
    on by_day.mart = published.mart
where by_day.mart <> 'health.fct_metric_points'
order by by_day.mart
