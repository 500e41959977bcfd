"""What has arrived and is not built yet: files that no load has seen, rows that no build has read.

Belongs here: looking into the landing folder and the build file, briefly and without keeping a run from its work.
Does not belong here: asking for a run (sensors.py), loading (landing/load.py), finding what really differs (the
models).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import BUILD_FILE, open_build_file
from customer_health.core.contract import Table, load_contract
from customer_health.core.sql import quote_name, quote_text
from customer_health.landing.files import find_files, is_settled, stat_signature
from customer_health.refresh.lock import last_build, only_run


@dataclass(frozen=True)
class Folder:
    """The files of a landing folder at one moment, by their signatures."""

    signatures: Mapping[str, tuple[str, str]]
    is_settled: bool

    @property
    def fingerprint(self) -> str:
        """The same for the same files: what was tried once need not be tried again."""
        text = "\n".join(f"{name} {signature}" for name, (_, signature) in sorted(self.signatures.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Reach:
    """How far back rows reach that were loaded after the last build."""

    dirty_from: date
    as_of: date
    loaded_until: datetime


def look_into(landing: Path) -> Folder:
    """The files that a load would look at; those still being written make the folder unsettled."""
    signatures: dict[str, tuple[str, str]] = {}
    settled = True
    for file in find_files(landing, load_contract())[0] if landing.is_dir() else []:
        if file.fault:
            continue
        try:
            signatures[file.name] = (file.table_name, stat_signature(file.path))
            settled = settled and is_settled(file.path)
        except FileNotFoundError:
            settled = False
    return Folder(signatures, settled)


def not_in_ledger(folder: Folder, warehouse: Path) -> list[str]:
    """Names of the files that were not loaded as they are now."""
    with only_run(warehouse, patience=0):
        if not (warehouse / BUILD_FILE).exists():
            return sorted(folder.signatures)
        with open_build_file(warehouse, read_only=True) as con:
            if not _has_table(con, "landing", "files"):
                return sorted(folder.signatures)
            known = set(
                con.execute("select table_name, stat_signature from landing.files where status = 'loaded'").fetchall()
            )
    return sorted(name for name, signature in folder.signatures.items() if signature not in known)


def build_file_state(warehouse: Path) -> str | None:
    """Changes with every write to the build file; None where there is none."""
    path = warehouse / BUILD_FILE
    return stat_signature(path) if path.exists() else None


def unbuilt_reach(warehouse: Path, project_vars: Mapping[str, Any]) -> Reach | None:
    """The first day of rows that the last build did not read, if it lies beyond the look-back of the next build.

    A row is dated by when it happened or was changed. Whether it changes anything, only the build can tell: it may be a
    copy, or wait for its account.
    """
    with only_run(warehouse, patience=0):
        built = last_build(warehouse)
        if built is None:
            return None
        found: list[tuple[datetime, datetime]] = []
        with open_build_file(warehouse, read_only=True) as con:
            for table in load_contract().tables.values():
                schema = project_vars["raw_schema"]
                name = project_vars["raw_table_names"].get(table.name, table.name)
                if _has_table(con, schema, name):
                    loaded_at = f"cast({quote_name(project_vars['loaded_at_column'])} as timestamp)"
                    relation = f"{quote_name(schema)}.{quote_name(name)}"
                    found += con.execute(
                        f"select min({_changed_at(table)}), max({loaded_at}) from {relation}"
                        f" where ({loaded_at} > $completed_at or {_late(con, table, relation, loaded_at)})"
                        f" and {_changed_at(table)} is not null having count(*) > 0",
                        {"completed_at": built.completed_at},
                    ).fetchall()
    first_recent = built.as_of + timedelta(days=1 - project_vars["lookback_days"])
    dirty_from = min((moment.date() for moment, _ in found), default=first_recent)
    if dirty_from >= first_recent:
        return None
    return Reach(dirty_from, built.as_of, max(loaded for _, loaded in found))


def _late(con: duckdb.DuckDBPyConnection, table: Table, relation: str, loaded_at: str) -> str:
    """SQL: whether a row is of an hour of loading that has more rows than the last build found (macros/loads.sql)."""
    if not _has_table(con, "build_log", "seen_loads"):
        return "false"
    hour = f"date_trunc('hour', {loaded_at})"
    return f"""{hour} in (
        select hours.hour
        from (
            select {hour} as hour, count(*) as row_count from {relation}
            where {loaded_at} <= $completed_at group by 1
        ) as hours
        left join build_log.seen_loads as seen
            on hours.hour = seen.loaded_hour
            and seen.raw_table = {quote_text(table.name)}
            and seen.invocation_id = (select arg_max(invocation_id, completed_at) from build_log.complete_builds)
        where hours.row_count > coalesce(seen.row_count, 0)
    )"""


def _changed_at(table: Table) -> str:
    return f"greatest({', '.join(f'cast({quote_name(name)} as timestamp)' for name in table.changed_by)})"


def _has_table(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    return bool(
        con.execute(
            "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
        ).fetchall()[0][0]
    )
