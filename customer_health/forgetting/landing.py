"""Take somebody out of landing files: CSV, JSON Lines and Parquet, each written anew without them.

Text files keep their bytes otherwise, and an empty line stands where a row was, so that every other row keeps the line
that findings name. A file is replaced in one step, after the journal knows its new hash: the ledger then has both, so
neither the old content nor the new one is loaded again.

Belongs here: rows of landing files, replacing them.
Does not belong here: what becomes of a row (rule.py), the ledger (build.py).
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from customer_health.core.contract import Contract, Table
from customer_health.core.sql import quote_text
from customer_health.forgetting.rule import RowRule, Subject
from customer_health.forgetting.sql import claims_table, cleaning, columns_of
from customer_health.landing.files import LandingFile, content_hash, find_files, safe_name
from customer_health.landing.text import BOM, HeaderError, read_csv_header, read_records

HIDDEN = ".forgetting-"


@dataclass(frozen=True)
class Redacted:
    """A landing file that was written anew."""

    table_name: str
    file_name: str
    old_hash: str
    new_hash: str
    size_bytes: int
    removed: int
    changed: int


def forget_in_landing(
    landing: Path, contract: Contract, subject: Subject, note: Callable[[Redacted], None]
) -> tuple[list[Redacted], list[str]]:
    """Write the files anew that hold something of the subject.

    `note` is called with each before it takes the place of the old one. Also returns the names of files that could not
    be looked into.
    """
    _clear(landing)
    files, misplaced = find_files(landing, contract)
    done: list[Redacted] = []
    closed = [item.entity for item in misplaced]
    for file in files:
        if file.fault:
            closed.append(file.name)
            continue
        path = file.path.resolve()
        beside = path.with_name(HIDDEN + path.name)
        try:
            found = _rewrite(file, contract.table(file.table_name), path, beside, subject)
            if found is None:
                closed.append(file.name)
            elif any(found):
                _sync(beside)
                size = beside.stat().st_size
                redacted = Redacted(
                    file.table_name, file.name, content_hash(path), content_hash(beside), size, found[0], found[1]
                )
                note(redacted)
                os.replace(beside, path)
                _sync(path.parent)
                done.append(redacted)
        finally:
            beside.unlink(missing_ok=True)
    return done, closed


def _clear(landing: Path) -> None:
    """Remove what a killed run left half written."""
    for path in landing.glob(f"*/{HIDDEN}*"):
        path.unlink()


def _rewrite(file: LandingFile, table: Table, path: Path, beside: Path, subject: Subject) -> tuple[int, int] | None:
    """Write a file without the subject; how many rows went and changed, None where it cannot be read."""
    if file.file_type == "parquet":
        return _rewrite_parquet(path, beside, table, subject)
    rule = RowRule(subject, table)
    with path.open("rb") as source, beside.open("wb") as target:
        if file.file_type == "csv":
            return _rewrite_csv(path, source, target, rule)
        return _rewrite_lines(source, target, rule)


def _rewrite_csv(path: Path, source: BinaryIO, target: BinaryIO, rule: RowRule) -> tuple[int, int] | None:
    try:
        header = read_csv_header(path)
    except HeaderError:
        # the file is refused as a whole, so each of its lines is only text
        return _rewrite_text(source, target, rule)
    names = [name.lower() for name in header.names]
    target.write(source.read(header.end))
    removed = changed = 0
    was_theirs = False
    for record, is_whole in read_records(source):
        row = _fields(record, len(names)) if is_whole else None
        if row is None:
            # what is no row may be the rest of the text of the row before
            if record.strip() and (was_theirs or rule.mentions(_decoded(record))):
                removed += 1
                was_theirs = True
                target.write(b"\n" * record.count(b"\n"))
                continue
            target.write(record)
            continue
        values = {name: value or None for name, value in zip(names, row, strict=True)}
        was_theirs = rule.is_theirs(values)
        if rule.drops(values):
            removed += 1
            target.write(b"\n" * record.count(b"\n"))
            continue
        changes = rule.changes(values)
        if not changes:
            target.write(record)
            continue
        changed += 1
        target.write(_record_of([changes.get(name, row[n]) for n, name in enumerate(names)], record))
    return removed, changed


def _fields(record: bytes, count: int) -> list[str] | None:
    """The fields of a whole record; None where they are not as many as there are columns, or not text."""
    try:
        text = record.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=False))
    return rows[0] if len(rows) == 1 and len(rows[0]) == count else None


def _record_of(values: list[str | None], record: bytes) -> bytes:
    written = io.StringIO(newline="")
    # the writer quotes a field only for characters of its own line end
    csv.writer(written, lineterminator="\r\n").writerow(values)
    text = written.getvalue().encode().removesuffix(b"\r\n")
    end = record[len(record.rstrip(b"\r\n")) :]
    # a record of several lines keeps as many
    return text + b"\n" * (record.count(b"\n") - text.count(b"\n") - end.count(b"\n")) + end


def _rewrite_lines(source: BinaryIO, target: BinaryIO, rule: RowRule) -> tuple[int, int]:
    removed = changed = 0
    for line in source:
        end = line[len(line.rstrip(b"\r\n")) :]
        text = _decoded(line).strip().removeprefix("\ufeff")
        try:
            document = json.loads(text, object_pairs_hook=_without_twins) if text else None
        except ValueError:
            document = text
        if not isinstance(document, dict):
            if text and rule.mentions(text):
                removed += 1
                line = end
            target.write(line)
            continue
        names = {name.lower(): name for name in document}
        values = {name: document[given] for name, given in names.items()}
        if rule.drops(values):
            removed += 1
            target.write(end)
            continue
        changes = rule.changes(values)
        if changes:
            changed += 1
            document |= {names[name]: value for name, value in changes.items()}
            line = json.dumps(document, ensure_ascii=False).encode() + end
        target.write(line)
    return removed, changed


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that is given twice makes the row a reject, and would hide the first of its values here."""
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key is given twice")
    return document


def _rewrite_text(source: BinaryIO, target: BinaryIO, rule: RowRule) -> tuple[int, int] | None:
    data = source.read()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None if rule.mentions(data.decode("utf-16", "replace")) else (0, 0)
    removed = 0
    for line in io.BytesIO(data):
        if rule.mentions(_decoded(line)):
            removed += 1
            line = line[len(line.rstrip(b"\r\n")) :]
        target.write(line)
    return removed, 0


def _decoded(data: bytes) -> str:
    return data.removeprefix(BOM).decode("utf-8", "backslashreplace")


def _rewrite_parquet(path: Path, beside: Path, table: Table, subject: Subject) -> tuple[int, int] | None:
    with safe_name(path) as link, duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        return rewrite_parquet(con, link, beside, table, subject)


def rewrite_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, beside: Path, table: Table | None, subject: Subject
) -> tuple[int, int] | None:
    """Write what is left of a Parquet file, in the same order, beside it."""
    relation = f"read_parquet({quote_text(str(path))}, hive_partitioning = false)"
    try:
        columns = columns_of(con, relation)
        found = cleaning(subject, table, [(name.lower(), kind) for name, kind in columns])
        counts = found.counts(con, relation)
    except duckdb.Error:
        return None
    if any(counts):
        con.execute(
            f"copy (select {found.select} from {relation} as t where not coalesce({found.goes}, false))"
            f" to {quote_text(str(beside))} (format parquet, compression zstd)"
        )
    return counts


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
