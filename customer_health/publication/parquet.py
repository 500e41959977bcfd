"""Export a published file as Parquet: immutable files that publications share.

A table that is built by day has one file per month, any other table is one file. A file is named by the fingerprint of
its rows, so what did not change is not written again, and what did is a new file beside the old one. Readers take the
paths from a manifest, never from a pattern: a folder holds the files of several publications.

Belongs here: which files a publication needs, and writing those that are not there yet.
Does not belong here: deleting what no kept manifest names (store.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import date, timedelta

import duckdb

from customer_health.core.sql import quote_text
from customer_health.publication.build import Build
from customer_health.publication.copy import PUBLISHED
from customer_health.publication.files import PublicationError, file_hash, sync
from customer_health.publication.reconciliation import fingerprints
from customer_health.publication.store import ParquetFile, Publication, Store
from customer_health.publication.tables import SHADOWED_TABLE, PublishedTable, first_shadow_day


def export(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    tables: Sequence[PublishedTable],
    build: Build,
    previous: Publication | None = None,
) -> tuple[ParquetFile, ...]:
    """The files of the attached published file; with the version before, only months that may differ are looked at."""
    known = {file.path: file for version in store.versions() for file in version.parquet}
    files: list[ParquetFile] = []
    for table in tables:
        where = "true"
        kept: list[ParquetFile] = []
        if table.by_day and previous:
            looked_at = _days_that_may_differ(table, build, previous)
            where = " or ".join(f"(date_day >= date '{first}' and date_day < date '{end}')" for first, end in looked_at)
            kept = [
                file
                for file in previous.parquet
                if file.table == table.name
                and file.month
                and not any(first <= file.month < end for first, end in looked_at)
            ]
        found = fingerprints(con, table.name, table.column_list, table.by_day, where)
        if not found and not kept:
            # whoever reads a table without rows still finds its columns
            found = {"": (0, "0-0")}
        files += kept
        for month, (rows, fingerprint) in found.items():
            files.append(_file(con, store, table, month, rows, fingerprint, known))
    return tuple(files)


def _days_that_may_differ(table: PublishedTable, build: Build, previous: Publication) -> list[tuple[date, date]]:
    """Whole months: those of the rebuilt days, and those that rows of shadow metrics have left."""
    rebuilt = (build.rebuilt_from.replace(day=1), date.max)
    if table.name != SHADOWED_TABLE or previous.as_of == build.as_of:
        return [rebuilt]
    left_until = (first_shadow_day(build.as_of) + timedelta(days=31)).replace(day=1)
    return [(first_shadow_day(previous.as_of).replace(day=1), min(left_until, rebuilt[0])), rebuilt]


def _file(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    table: PublishedTable,
    month: str,
    rows: int,
    fingerprint: str,
    known: dict[str, ParquetFile],
) -> ParquetFile:
    shape = ", ".join(f"{name} {kind}" for name, kind in table.columns)
    name = hashlib.sha256(f"{table.name} {shape} {fingerprint}".encode()).hexdigest()[:16]
    folder = store.parquet / table.schema / table.name.split(".")[1]
    path = folder / f"{month[:7] or 'all'}-{name}.parquet"
    relative = path.relative_to(store.warehouse).as_posix()
    if relative in known and path.exists() and path.stat().st_size == known[relative].bytes:
        return known[relative]
    folder.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    where = f"date_day >= date '{month}' and date_day < date '{month}' + interval 1 month" if month else "true"
    select = f"select * from {PUBLISHED}.{table.name} where {where}"
    con.execute(f"copy ({select}) to {quote_text(beside)} (format parquet, compression zstd, compression_level 1)")
    written = con.execute(f"select count(*) from read_parquet({quote_text(beside)})").fetchall()[0][0]
    if written != rows:
        raise PublicationError(f"{relative}: {written:,} of {rows:,} rows arrived; nothing was published")
    sync(beside)
    described = ParquetFile(
        table=table.name,
        month=date.fromisoformat(month) if month else None,
        path=relative,
        rows=rows,
        fingerprint=fingerprint,
        bytes=beside.stat().st_size,
        sha256=file_hash(beside),
    )
    os.replace(beside, path)
    sync(folder)
    return described
