"""Write the build file anew without somebody: raw rows, rejects, the landing ledger, what checks kept.

Deleted bytes stay in a DuckDB file until it is written anew, so what is left is copied into a new file that takes the
place of the old one. Everything that dbt builds is left out of the copy: the next refresh computes all of it from the
raw rows that are left, which is why its marts are those of a full refresh.

Belongs here: copying a DuckDB file through the rule, the ledger's new hashes, the reject rows.
Does not belong here: the rule (sql.py), publications (publications.py).
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.contract import Contract, Table
from customer_health.core.settings import PROJECT_ROOT
from customer_health.core.sql import quote_name, quote_text
from customer_health.forgetting.landing import Redacted
from customer_health.forgetting.rule import ForgetError, RowRule, Subject
from customer_health.forgetting.sql import Found, claims_table, cleaning, cleaning_of, columns_of
from customer_health.landing.files import file_id
from customer_health.landing.text import HeaderError, read_csv_header

# told by dbt's own logs: with the models gone, there is no build to go on from
RUN_LOGS = ("complete_builds", "dirty_days", "started_runs", "finished_runs", "row_counts", "seen_loads")
# reasons of rejects that are no row at all, so that they may be the rest of the row before
NO_ROW = ("wrong_field_count", "unclosed_quote", "misplaced_quote", "bad_encoding")
OLD, NEW = "old", "new"

Counts = dict[str, Found]


def built_schemas() -> set[str]:
    """The schemas that dbt fills."""
    marts = {path.name for path in (PROJECT_ROOT / "models" / "marts").iterdir() if path.is_dir()}
    return {"staging", "intermediate", "configuration", *marts}


def replay_log(path: Path) -> None:
    """Bring into the file what a killed process left in its write-ahead log."""
    if path.with_name(f"{path.name}.wal").exists():
        con = duckdb.connect(str(path))
        try:
            con.execute("force checkpoint")
        finally:
            con.close()


def look_into_build(path: Path, contract: Contract, subject: Subject, landing: Path) -> Counts:
    """What the tables that are not built anew hold of somebody."""
    replay_log(path)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        con.execute(f"attach {quote_text(str(path))} as {OLD} (read_only)")
        found: Counts = {}
        for schema, table, _ in tables_of(con, OLD):
            name = f"{schema}.{table}"
            if schema in built_schemas() or (schema == "build_log" and table in RUN_LOGS):
                continue
            if name == "landing.rejected_rows":
                found[name] = Found(len(_sort_rejects(con, contract, subject, landing)[1]))
                continue
            relation = f"{OLD}.{quote_name(schema)}.{quote_name(table)}"
            raw = contract.tables.get(table) if schema == "raw" else None
            found[name] = cleaning_of(con, relation, subject, raw).counts(con, relation)
    return {name: counts for name, counts in found.items() if counts or counts.stays}


def forget_in_build(
    path: Path,
    work: Path,
    contract: Contract,
    subject: Subject,
    landing: Path,
    redacted: Sequence[Redacted],
    now: datetime,
) -> Counts:
    """Replace the build file by one without the subject; what went and what changed, per table."""
    replay_log(path)
    beside = work / path.name
    with duckdb.connect(config={"temp_directory": str(work / "spill")}) as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        con.execute(f"attach {quote_text(str(path))} as {OLD} (read_only)")
        con.execute(f"attach {quote_text(str(beside))} as {NEW}")
        counts: Counts = {}
        for schema, table, statement in tables_of(con, OLD):
            if schema in built_schemas():
                continue
            name = f"{schema}.{table}"
            create_table(con, schema, statement)
            if schema == "build_log" and table in RUN_LOGS:
                continue
            if name == "landing.rejected_rows":
                counts[name] = _copy_rejects(con, contract, subject, landing)
                continue
            raw = contract.tables.get(table) if schema == "raw" else None
            counts[name] = copy_table(con, name, raw, subject)
            if name == "landing.files":
                _enter(con, redacted, now)
        con.execute(f"checkpoint {NEW}")
        con.execute(f"detach {NEW}")
        con.execute(f"detach {OLD}")
    put_in_place(beside, path)
    return {name: count for name, count in counts.items() if count or count.stays}


def copy_table(con: duckdb.DuckDBPyConnection, name: str, raw: Table | None, subject: Subject) -> Found:
    """Copy what is left of a table of the attached old file into the new one, where it exists and is empty."""
    schema, table = name.split(".", 1)
    relation = f"{OLD}.{quote_name(schema)}.{quote_name(table)}"
    found = cleaning_of(con, relation, subject, raw)
    counts = found.counts(con, relation)
    con.execute(
        f"insert into {NEW}.{quote_name(schema)}.{quote_name(table)}"
        f" select {found.select} from {relation} as t where not coalesce({found.goes}, false)"
    )
    return counts


def _copy_rejects(con: duckdb.DuckDBPyConnection, contract: Contract, subject: Subject, landing: Path) -> Found:
    """Copy the rejects of everybody else."""
    kept, gone = _sort_rejects(con, contract, subject, landing)
    if kept:
        con.executemany(f"insert into {NEW}.landing.rejected_rows values (?, ?, ?, ?, ?, ?)", kept)
    return Found(len(gone))


def _sort_rejects(
    con: duckdb.DuckDBPyConnection, contract: Contract, subject: Subject, landing: Path
) -> tuple[list[list[Any]], list[list[Any]]]:
    """A reject is raw text: one that is theirs or mentions them goes, and so does the rest of a text that broke off."""
    kept: list[list[Any]] = []
    gone: list[list[Any]] = []
    tables = con.execute(f"select distinct table_name from {OLD}.landing.rejected_rows order by 1").fetchall()
    for (name,) in tables:
        table = contract.tables.get(name)
        rule = RowRule(subject, table)
        headers = Headers(landing, subject)
        before: tuple[object, object] | None = None
        line_before, was_theirs = 0, False
        for *reject, row_line, row_is_theirs in _rejects(con, table, name, subject):
            _, file_name, line, reason, raw_row, loaded_at = reject
            if before != (file_name, loaded_at) or (row_line or 0) > line_before:
                was_theirs = bool(row_is_theirs)
            before, line_before = (file_name, loaded_at), line
            goes_on = was_theirs and str(reason).startswith(NO_ROW)
            mentioned = subject.finder.mentions(raw_row or "")
            was_theirs = goes_on or mentioned or rule.is_theirs(headers.values(file_name, raw_row or ""))
            reject[1] = subject.cleaned(file_name or "")
            (gone if was_theirs else kept).append(reject)
    return kept, gone


class Headers:
    """Takes a rejected row apart, by the columns of the landing file that it came from."""

    def __init__(self, landing: Path, subject: Subject) -> None:
        self.landing = landing
        self.subject = subject
        self.known: dict[str, list[str]] = {}

    def values(self, file_name: str, row: str) -> dict[str, str | None]:
        """As much as can be told; nothing where the file is gone."""
        if row.lstrip().startswith("{"):
            try:
                document = json.loads(row)
            except ValueError:
                return {}
            return {str(name).lower(): value for name, value in document.items() if not isinstance(value, dict | list)}
        if file_name not in self.known:
            self.known[file_name] = self._header(file_name)
        try:
            fields = next(csv.reader(io.StringIO(row, newline=""), strict=False), [])
        except csv.Error:
            return {}
        return {name: value or None for name, value in zip(self.known[file_name], fields, strict=False)}

    def _header(self, file_name: str) -> list[str]:
        for name in (file_name, self.subject.cleaned(file_name)):
            path = self.landing / name
            if path.suffix.lower() == ".csv" and path.is_file():
                try:
                    return [column.lower() for column in read_csv_header(path).names]
                except (HeaderError, OSError):
                    return []
        return []


def _rejects(
    con: duckdb.DuckDBPyConnection, table: Table | None, name: str, subject: Subject
) -> list[tuple[object, ...]]:
    """The rejects of a table in the order of their files, each with the good row before it and whose it is."""
    mine = f"select * from {OLD}.landing.rejected_rows where table_name = {quote_text(name)}"
    if table is None:
        return con.execute(f"select *, null, false from ({mine}) order by file_name, loaded_at, line").fetchall()
    relation = f"{OLD}.raw.{quote_name(name)}"
    theirs = cleaning(subject, table, columns_of(con, relation)).theirs
    rows = (
        f"select _source_file, _loaded_at, _source_row, coalesce({theirs}, false) as is_theirs from {relation} as t"
        f" where _source_file in (select file_name from ({mine}))"
    )
    return con.execute(
        f"select rejects.*, good._source_row, good.is_theirs from ({mine}) as rejects"
        f" asof left join ({rows}) as good on rejects.file_name = good._source_file"
        " and rejects.loaded_at = good._loaded_at and rejects.line > good._source_row"
        " order by rejects.file_name, rejects.loaded_at, rejects.line"
    ).fetchall()


def _enter(con: duckdb.DuckDBPyConnection, redacted: Iterable[Redacted], now: datetime) -> None:
    """Let the ledger know the files' new content as loaded, and the old content as never to be loaded again."""
    for file in redacted:
        known = con.execute(
            f"select count(*) from {NEW}.landing.files where table_name = ? and content_hash = ? and status = 'loaded'",
            [file.table_name, file.old_hash],
        ).fetchall()[0][0]
        # a file that had not been loaded yet is still to be loaded, without the rows that went
        entered = {file.old_hash: "replaced by a redacted copy"}
        if known:
            entered = {file.new_hash: "redacted copy of a loaded file"}
        for content, message in entered.items():
            identity = file_id(file.table_name, file.file_name, content)
            con.execute(f"delete from {NEW}.landing.files where file_id = ?", [identity])
            con.execute(
                f"insert into {NEW}.landing.files (file_id, table_name, file_name, content_hash, size_bytes, status,"
                " message, row_count, rejected_count, loaded_at) values (?, ?, ?, ?, ?, 'loaded', ?, 0, 0, ?)",
                [identity, file.table_name, file.file_name, content, file.size_bytes, message, now],
            )


def tables_of(con: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, str]]:
    return con.execute(
        "select schema_name, table_name, sql from duckdb_tables() where database_name = ? order by table_oid",
        [database],
    ).fetchall()


def create_table(con: duckdb.DuckDBPyConnection, schema: str, statement: str) -> None:
    con.execute(f"create schema if not exists {NEW}.{quote_name(schema)}")
    con.execute(f"use {NEW}")
    con.execute(statement)
    con.execute("use memory")


def put_in_place(beside: Path, path: Path) -> None:
    """Replace a file in one step, for good."""
    if beside.with_name(f"{beside.name}.wal").exists():
        raise ForgetError(f"{beside.name} was not written to its end")
    if path.exists():
        shutil.copymode(path, beside)
    for target, replace in ((beside, False), (path.parent, True)):
        if replace:
            os.replace(beside, path)
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
