"""A finished build, opened for reading, with the last publication beside it.

Belongs here: opening both, where the raw tables are, what a suite may ask about them, and texts without personal data.
Does not belong here: any rule (the suites), or writing (record.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import open_build_file
from customer_health.core.contract import Contract, Table, load_contract
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.sql import quote_name, quote_text
from expectations.thresholds import Thresholds, read_thresholds

MANIFEST = Path("target") / "manifest.json"


@dataclass(frozen=True)
class RawTable:
    """Where the rows of one table of the contract are."""

    table: Table
    relation: str
    loaded_at: str
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.table.name

    def has(self, *columns: str) -> bool:
        return all(column in self.columns for column in columns)

    @property
    def seen_at(self) -> str | None:
        """SQL for when a row, or this version of it, came into being; None if the table does not tell."""
        events = [column.name for column in self.table.columns if column.time == "event" and self.has(column.name)]
        events.sort(key=lambda name: name != "updated_at")
        return f"cast(coalesce({', '.join(events)}) as timestamp)" if events else None

    @property
    def keys(self) -> str:
        """SQL for columns that name a row and no person: its file and line, or else its key with user ids hashed."""
        if self.has("_source_file", "_source_row"):
            return "_source_file as source_file, _source_row as source_row"
        named = (f"md5(cast({key} as varchar)) as {key}" if key == "user_id" else key for key in self.table.key)
        return ", ".join(named)


@dataclass(frozen=True)
class Build:
    """What the suites judge."""

    con: duckdb.DuckDBPyConnection
    as_of: date
    thresholds: Thresholds
    raw: Sequence[RawTable]
    is_published: bool

    @property
    def day(self) -> str:
        """The day that is judged, as SQL."""
        return f"date '{self.as_of.isoformat()}'"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def define(self, name: str, sql: str) -> None:
        """Compute something once that several checks read."""
        self.con.execute(f"create or replace temp table {name} as {sql}")

    def left_alone(self) -> tuple[int, int]:
        """How many seeds and models the last run left as they were, of how many; the ledger is macros/ledger.sql."""
        tables = "select count(*) from duckdb_tables() where schema_name = 'build_log' and table_name = 'node_versions'"
        if not self.rows(tables)[0][0]:
            return 0, 0
        last = "(select arg_max(invocation_id, started_at) from build_log.started_runs)"
        return self.rows(
            f"select count(*) filter (where invocation_id <> {last}), count(*) from build_log.node_versions"
            " where node like 'model.%' or node like 'seed.%'"
        )[0]

    def limit(self, check: str, name: str) -> float:
        return self.thresholds.value(check, name)

    def reason(self, check: str, *names: str) -> str:
        return self.thresholds.reason(check, *names)


@contextmanager
def open_build(warehouse: Path, as_of: date) -> Iterator[Build]:
    """Open the build file and the published one for reading; neither is changed.

    Raises:
        BuildFileError: the build file is missing, locked by a writer, or broken.
        duckdb.Error: the published file is broken.
    """
    with open_build_file(warehouse, read_only=True) as con:
        published = warehouse / PUBLISHED_FILE
        if not published.exists():
            # of a publisher of before
            published = warehouse / SECOND_NAME
        if published.exists():
            con.execute(f"attach {quote_text(published)} as published (read_only)")
        raw = _raw_tables(con, load_contract(), warehouse / MANIFEST)
        yield Build(con, as_of, read_thresholds(con), raw, published.exists())


def _raw_tables(con: duckdb.DuckDBPyConnection, contract: Contract, manifest: Path) -> list[RawTable]:
    """Where dbt read them, which other loading tools may have named otherwise."""
    sources: dict[str, Any] = {}
    if manifest.exists():
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["sources"].values()
        sources = {node["name"]: node for node in nodes if node["source_name"] == "raw"}
    found = []
    for table in contract.tables.values():
        node = sources.get(table.name, {})
        schema, name = node.get("schema", "raw"), node.get("identifier", table.name)
        columns = con.execute(
            "select lower(column_name), lower(data_type) from duckdb_columns()"
            " where database_name = current_database() and schema_name = ? and table_name = ?",
            [schema, name],
        ).fetchall()
        relation = f"{quote_name(schema)}.{quote_name(name)}"
        found.append(RawTable(table, relation, node.get("loaded_at_field") or "_loaded_at", dict(columns)))
    return found


def without_values(message: str) -> str:
    """An error message without what it may quote from the data."""
    first = message.strip().splitlines()[0] if message.strip() else ""
    return re.sub(r"'[^']*'|\S+@\S+", "…", first)[:300]
