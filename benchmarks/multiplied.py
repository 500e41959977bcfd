"""A real build or publication with every account in it many times, so that tables have the size of a large company.

The rows are those of real accounts, under names of their own, without an hour of building.

Belongs here: multiplying tables, and putting a multiplied publication where readers look for one.
Does not belong here: which tables a benchmark needs, or what it measures.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.sql import quote_text
from customer_health.publication.status import write_status
from customer_health.publication.store import Store
from customer_health.publication.tables import PublishedTable

SOURCE = "source"


def copy_table(con: duckdb.DuckDBPyConnection, table: str, copies: int, target: str, order: str = "") -> None:
    """Write a table of the attached `source` into another attached file, with each account `copies` times.

    Args:
        table: schema and name; the same in both files.
        order: `order by ...`, or nothing for any order.
    """
    schema, name = table.split(".")
    con.execute(f"create schema if not exists {target}.{schema}")
    columns = [
        column
        for (column,) in con.execute(
            "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ?",
            [SOURCE, schema, name],
        ).fetchall()
    ]
    named = [
        *(f"{column} || '_' || copy as {column}" for column in columns if column.endswith("account_id")),
        *(f"{column} || ' ' || copy as {column}" for column in columns if column.endswith("account_name")),
    ]
    rows = f"select * from {SOURCE}.{table}"
    if named and copies > 1:
        copied = f"cross join range({copies}) as copies (copy)"
        rows = f"select rows.* replace ({', '.join(named)}) from {SOURCE}.{table} as rows {copied}"
    con.execute(f"create table {target}.{table} as {rows} {order}")


def multiply_publication(warehouse: Path, copies: int, target: Path) -> None:
    """Show, in another warehouse, what is published in one with every account `copies` times.

    Rows lie as the publisher lays them. What counts accounts (portfolios, accuracy) is taken as it is.
    """
    shown = Store(warehouse).current()
    assert shown is not None, "something is published"
    store = Store(target)
    folder = store.work / shown.publication_id
    shutil.rmtree(store.work, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect(config={"temp_directory": str(store.work / "spill")}) as con:
        con.execute("set enable_progress_bar = false")
        con.execute("set memory_limit = '6GB'")
        con.execute(f"attach {quote_text(Store(warehouse).version_file(shown.publication_id))} as {SOURCE} (read_only)")
        con.execute(f"attach {quote_text(folder / PUBLISHED_FILE)} as published (storage_version 'v1.0.0')")
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?", [SOURCE]
        ).fetchall()
        for (table,) in tables:
            copy_table(con, table, copies, "published", _order(table, shown.table_shapes.get(table, "")))
        views = con.execute(
            "select schema_name, view_name, sql from duckdb_views() where database_name = ? and not internal", [SOURCE]
        ).fetchall()
        # a view that reads another one comes after it
        for schema, _, sql in sorted(views, key=lambda view: sum(name in view[2] for _, name, _ in views)):
            con.execute(f"use published.{schema}")
            con.execute(sql)
        con.execute("use memory")
        con.execute("detach published")
    multiplied = replace(shown, parquet=())
    store.write_version(folder, multiplied)
    store.show_file(multiplied)
    store.name_current(multiplied, keep=1)
    write_status(store, multiplied, shown.published_at, [], shown.as_of)
    shutil.rmtree(store.work)


def _order(table: str, shape: str) -> str:
    """How the publisher lays the rows of a table, whose shape is as the manifest has it."""
    by_day = shape.startswith("by day: ")
    columns = tuple(tuple(column.split(" ", 1)) for column in shape.removeprefix("by day: ").split(", "))
    return PublishedTable(table, table, columns, by_day).order if by_day else ""
