"""Write every retained publication anew without somebody: the DuckDB files, the Parquet files, the manifests.

Readers of the old files keep them until they close them; whoever opens a publication afterwards sees one without the
subject. Totals of an account's past stay in what counts many accounts at once.

Belongs here: DuckDB files outside the build file, Parquet partitions, counts in manifests.
Does not belong here: how a publication comes about (customer_health/publication), the rule (sql.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.contract import load_contract
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.sql import quote_name, quote_text
from customer_health.forgetting.build import (
    NEW,
    OLD,
    Counts,
    copy_table,
    create_table,
    put_in_place,
    replay_log,
    tables_of,
)
from customer_health.forgetting.landing import rewrite_parquet
from customer_health.forgetting.rule import ForgetError, Subject
from customer_health.forgetting.sql import Found, claims_table
from customer_health.publication.copy import STORAGE_VERSION
from customer_health.publication.files import PublicationError, file_hash, only_publisher, show, write_json
from customer_health.publication.store import MANIFEST_FILE, Store

WORK_FOLDER = ".forgetting"


@contextmanager
def publications_locked(warehouse: Path) -> Iterator[None]:
    """Keep the publisher out; without publications there is nothing to hold."""
    store = Store(warehouse)
    if not store.folder.is_dir():
        yield
        return
    try:
        with only_publisher(store.folder):
            yield
    except PublicationError as fault:
        raise ForgetError(str(fault)) from None


def forget_in_publications(warehouse: Path, work: Path, subject: Subject, build_file: str) -> tuple[Counts, int]:
    """Write all published files anew; what went and changed in them together, and how many files there are."""
    store = Store(warehouse)
    if store.folder.is_dir():
        store.mend()
    shown = store.current()
    counts: Counts = {}
    parquet = _rewrite_parquet_files(warehouse, work, subject, counts)
    files = published_files(warehouse, build_file)
    for path in files:
        _add(counts, _rewrite_file(path, work, subject))
        manifest = path.with_name(MANIFEST_FILE)
        if manifest.exists():
            _rewrite_manifest(manifest, path, parquet)
    if shown:
        store.show_file(shown)
        show(store.version_file(shown.publication_id), warehouse / SECOND_NAME)
    for old, new in parquet.items():
        if new["path"] != old:
            (warehouse / old).unlink(missing_ok=True)
    return counts, len(files) + len(parquet)


def published_files(warehouse: Path, build_file: str) -> list[Path]:
    """The DuckDB files beside the build file, each once."""
    # what readers see is the same file as one of the versions, so it follows that one
    names = {PUBLISHED_FILE, SECOND_NAME} if Store(warehouse).current() else set()
    return [
        path
        for path in sorted(warehouse.rglob("*.duckdb"))
        if path.is_file() and WORK_FOLDER not in path.parts and path not in {warehouse / name for name in names}
        if path != warehouse / build_file
    ]


def _rewrite_file(path: Path, work: Path, subject: Subject) -> Counts:
    replay_log(path)
    beside = work / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.duckdb"
    counts: Counts = {}
    contract = load_contract()
    with duckdb.connect(config={"temp_directory": str(work / "spill")}) as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        con.execute(f"attach {quote_text(str(path))} as {OLD} (read_only)")
        con.execute(f"attach {quote_text(str(beside))} as {NEW} (storage_version '{STORAGE_VERSION}')")
        for schema, table, statement in tables_of(con, OLD):
            create_table(con, schema, statement)
            raw = contract.tables.get(table) if schema == "raw" else None
            counts[f"{schema}.{table}"] = copy_table(con, f"{schema}.{table}", raw, subject)
        _copy_views(con)
        con.execute(f"checkpoint {NEW}")
        con.execute(f"detach {NEW}")
        con.execute(f"detach {OLD}")
    put_in_place(beside, path)
    return {name: count for name, count in counts.items() if count or count.stays}


def _copy_views(con: duckdb.DuckDBPyConnection) -> None:
    """Views again, each after those that it reads; a bare name in one belongs to its own schema."""
    left = con.execute(
        "select schema_name, view_name, sql from duckdb_views() where database_name = ? and not internal", [OLD]
    ).fetchall()
    while left:
        waiting: list[Any] = []
        for schema, view, statement in left:
            select = re.sub(r"^\s*create\s+view\s+\S+(\s*\([^)]*\))?\s+as\s+", "", statement, count=1, flags=re.I)
            try:
                con.execute(f"create schema if not exists {NEW}.{quote_name(schema)}")
                con.execute(f"use {NEW}.{quote_name(schema)}")
                con.execute(f"create view {NEW}.{quote_name(schema)}.{quote_name(view)} as {select}")
            except duckdb.CatalogException as fault:
                waiting.append((schema, view, statement))
                reason = str(fault).splitlines()[0]
            finally:
                con.execute("use memory")
        if len(waiting) == len(left):
            raise ForgetError(f"the view {left[0][0]}.{left[0][1]} cannot be written anew: {reason}")
        left = waiting


def _rewrite_parquet_files(warehouse: Path, work: Path, subject: Subject, counts: Counts) -> dict[str, dict[str, Any]]:
    """Write Parquet files anew under names of their own; per old path what manifests have to say of it now.

    The old ones are still there: manifests that name them are replaced first.
    """
    replaced: dict[str, dict[str, Any]] = {}
    beside = work / "partition.parquet"
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        for path in sorted(Store(warehouse).parquet.rglob("*.parquet")):
            found = rewrite_parquet(con, path, beside, None, subject)
            if found is None:
                raise ForgetError(f"{path.relative_to(warehouse)} cannot be read, so it cannot be written anew")
            place = f"parquet {path.parent.parent.name}.{path.parent.name}"
            if found.stays:
                _add(counts, {place: Found(stays=found.stays)})
            if not found:
                continue
            rows = con.execute(f"select count(*) from read_parquet({quote_text(str(beside))})").fetchall()[0][0]
            sha256 = file_hash(beside)
            new = path.with_name(f"{path.name.rsplit('-', 1)[0]}-{sha256[:16]}.parquet")
            size = beside.stat().st_size
            put_in_place(beside, new)
            replaced[path.relative_to(warehouse).as_posix()] = {
                "path": new.relative_to(warehouse).as_posix(),
                "rows": rows,
                "bytes": size,
                "sha256": sha256,
                "fingerprint": f"{rows}-{sha256[:16]}",
            }
            _add(counts, {place: Found(found.removed, found.changed)})
    return replaced


def _rewrite_manifest(manifest: Path, file: Path, parquet: dict[str, dict[str, Any]]) -> None:
    """Bring the counts of a publication's manifest up to date with its files."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    with duckdb.connect() as con:
        con.execute(f"attach {quote_text(str(file))} as published (read_only)")
        for name in document.get("row_counts") or {}:
            rows = con.execute(f"select count(*) from published.{name}").fetchall()
            document["row_counts"][name] = rows[0][0]
    for entry in document.get("parquet") or []:
        new = parquet.get(entry["path"])
        if new:
            entry.update({name: value for name, value in new.items() if name in entry})
    write_json(manifest, document)


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    beside = path.with_name(f".{path.name}.next")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _add(counts: Counts, found: Counts) -> None:
    for name, count in found.items():
        known = counts.get(name, Found())
        # versions hold the same rows, so what stays is not counted twice
        stays = {column: max(rows, known.stays.get(column, 0)) for column, rows in count.stays.items()}
        counts[name] = Found(known.removed + count.removed, known.changed + count.changed, known.stays | stays)
