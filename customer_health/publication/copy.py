"""Write the marts of a build into a new versioned file.

Two ways with one result. *Whole* copies every table. *Incremental* copies the file of the version before and replaces
only the days that the build rebuilt in tables that are built by day (all other tables are small, and replaced whole);
it is taken only where nothing else can have changed.

Belongs here: both ways, and when which is taken.
Does not belong here: which rows are published (tables.py), proving that they arrived
(reconciliation.py), history (history.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from customer_health.core.settings import read_settings
from customer_health.core.sql import quote_text
from customer_health.publication.build import Build
from customer_health.publication.store import Publication
from customer_health.publication.tables import SHADOWED_TABLE, PublishedTable, PublishedView, rows_that_left

PUBLISHED = "published"
# the file can be read by any DuckDB from 1.0 on
STORAGE_VERSION = "v1.0.0"
# deleting and adding leaves gaps; after that many days the file is written anew
INCREMENTAL_AT_MOST = 30
# rows from which on a table is looked at before it is replaced
WORTH_COMPARING = 50_000


@contextmanager
def engine(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that spills into the work folder and keeps to the memory that dbt is given."""
    con = duckdb.connect(config={"temp_directory": str(work / "spill")})
    try:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        limit = read_settings().memory_limit
        if limit:
            con.execute(f"set memory_limit = {quote_text(limit)}")
        yield con
    finally:
        con.close()


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, file: Path, name: str, options: str = "read_only") -> Iterator[None]:
    """Have a file attached, and really closed afterwards."""
    con.execute(f"attach {quote_text(file)} as {name} ({options})")
    try:
        yield
    except BaseException:
        # what went wrong is to be told, not what cannot be tidied up after it
        for tidying in ("rollback", "use memory", f"detach {name}"):
            with suppress(duckdb.Error):
                con.execute(tidying)
        raise
    con.execute("use memory")
    con.execute(f"detach {name}")


def can_follow(build: Build, tables: Sequence[PublishedTable], previous: Publication | None) -> bool:
    """Whether this build differs from the version before by its rebuilt days only."""
    return (
        previous is not None
        and previous.status == "published"
        and previous.build_id in (build.build_id, build.previous_build_id)
        and previous.code_version == build.code_version
        and previous.configuration_version == build.configuration_version
        and previous.as_of <= build.as_of
        and previous.since_whole_copy < INCREMENTAL_AT_MOST
        and previous.table_shapes == shapes(tables)
    )


def shapes(tables: Sequence[PublishedTable]) -> dict[str, str]:
    """The columns of each table, and how it is replaced."""
    return {
        table.name: ("by day: " if table.by_day else "") + ", ".join(f"{name} {kind}" for name, kind in table.columns)
        for table in tables
    }


def write_whole(
    con: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable], views: Sequence[PublishedView]
) -> None:
    """Fill the attached empty file."""
    for schema in sorted({relation.schema for relation in (*tables, *views)}):
        con.execute(f"create schema {PUBLISHED}.{schema}")
    for table in tables:
        con.execute(f"create table {PUBLISHED}.{table.name} as {table.select()}")
    _write_views(con, views)


def write_incremental(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[PublishedTable],
    views: Sequence[PublishedView],
    build: Build,
    previous: Publication,
) -> None:
    """Bring the attached copy of the version before up to date."""
    con.execute("begin")
    for table in tables:
        if table.by_day:
            again = f"date_day >= date '{build.rebuilt_from}'"
            con.execute(f"delete from {PUBLISHED}.{table.name} where {again}")
            con.execute(f"insert into {PUBLISHED}.{table.name} {table.select(again)}")
            if table.name == SHADOWED_TABLE:
                left = rows_that_left(previous.as_of, build.as_of)
                con.execute(f"delete from {PUBLISHED}.{table.name} where {left}")
        elif previous.row_counts[table.name] < WORTH_COMPARING or not _holds_the_same(con, table):
            con.execute(f"create or replace table {PUBLISHED}.{table.name} as {table.select()}")
    con.execute("commit")
    _write_views(con, views)


def _holds_the_same(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> bool:
    """Whether a table of the version before needs no new rows: reading is cheaper than writing, and leaves no gaps."""
    both = [
        con.execute(f"select count(*), sum(hash({table.column_list})) from {rows}").fetchall()
        for rows in (f"({table.select()})", f"{PUBLISHED}.{table.name}")
    ]
    return both[0] == both[1]


def _write_views(con: duckdb.DuckDBPyConnection, views: Sequence[PublishedView]) -> None:
    for view in views:
        # bare names belong to the schema of the view, now and when it is read
        con.execute(f"use {PUBLISHED}.{view.schema}")
        con.execute(f"create or replace view {PUBLISHED}.{view.name} as {view.select}")
    con.execute("use memory")
