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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from customer_health.core.contract import Contract, Table
from customer_health.core.sql import quote_text
from customer_health.forgetting.rule import RowRule, Subject
from customer_health.forgetting.sql import Found, claims_table, cleaning_of, columns_of
from customer_health.landing.files import (
    LandingFile,
    Misplaced,
    content_hash,
    find_files,
    safe_name,
    stat_signature,
)
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


@dataclass
class Look:
    """What the files of a landing folder hold of somebody, before anything is changed.

    `clean` are the signatures of files that hold nothing: they need not be read again.
    """

    found: dict[str, Found] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)
    closed: list[str] = field(default_factory=list)
    misplaced: list[Misplaced] = field(default_factory=list)

    @property
    def stays(self) -> list[str]:
        return [
            f"{name}, column {column}: {count:,} rows"
            for name, found in self.found.items()
            for column, count in found.stays.items()
        ]


def look_into_landing(landing: Path, contract: Contract, subject: Subject) -> Look:
    """Read all files and write none."""
    look = Look()
    files, look.misplaced = find_files(landing, contract)
    look.closed += [item.entity for item in look.misplaced]
    for file in files:
        if file.fault:
            look.closed.append(file.name)
            continue
        path = file.path.resolve()
        signature = stat_signature(path)
        found = _rewrite(file, contract.table(file.table_name), path, None, subject)
        if found is None:
            look.closed.append(file.name)
        elif found or found.stays or new_name(file, subject) != file.name:
            look.found[file.name] = found
        else:
            look.clean.add(signature)
    return look


def forget_in_landing(
    landing: Path,
    contract: Contract,
    subject: Subject,
    note: Callable[[Redacted], None],
    clean: set[str] | frozenset[str] = frozenset(),
) -> tuple[list[Redacted], list[str]]:
    """Write the files anew that hold something of the subject.

    `note` is called with each before it takes the place of the old one. Also returns the names of files that could not
    be looked into.

    Args:
        clean: signatures of files that are known to hold nothing.
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
        if stat_signature(path) in clean:
            continue
        beside = path.with_name(HIDDEN + path.name)
        try:
            found = _rewrite(file, contract.table(file.table_name), path, beside, subject)
            name = new_name(file, subject)
            if found is None:
                closed.append(file.name)
            elif found or name != file.name:
                if not found:
                    beside.write_bytes(path.read_bytes())
                beside.chmod(path.stat().st_mode & 0o7777)
                _sync(beside)
                size = beside.stat().st_size
                redacted = Redacted(
                    file.table_name, name, content_hash(path), content_hash(beside), size, found.removed, found.changed
                )
                note(redacted)
                os.replace(beside, path)
                if name != file.name:
                    _rename(file, name)
                _sync(path.parent)
                done.append(redacted)
        finally:
            beside.unlink(missing_ok=True)
    return done, closed


def new_name(file: LandingFile, subject: Subject) -> str:
    """The name of a file, table included, as it may stay."""
    folder, name = file.name.split("/", 1)
    return f"{folder}/{subject.cleaned(name)}"


def _rename(file: LandingFile, name: str) -> None:
    """Give a file its new name; a second one of the same name gets a number."""
    target = file.path.with_name(name.split("/", 1)[1])
    number = 1
    while target.exists():
        number += 1
        target = file.path.with_name(f"{Path(name).stem} {number}{Path(name).suffix}")
    file.path.rename(target)


def _clear(landing: Path) -> None:
    """Remove what a killed run left half written."""
    for path in landing.glob(f"*/{HIDDEN}*"):
        path.unlink()


def _rewrite(file: LandingFile, table: Table, path: Path, beside: Path | None, subject: Subject) -> Found | None:
    """Write a file without the subject, or only look (no `beside`); None where it cannot be read."""
    if file.file_type == "parquet":
        return _rewrite_parquet(path, beside, table, subject)
    rule = RowRule(subject, table)
    with path.open("rb") as source, (beside or Path(os.devnull)).open("wb") as target:
        if file.file_type == "csv":
            return _rewrite_csv(path, source, target, rule)
        return _rewrite_lines(source, target, rule)


def _rewrite_csv(path: Path, source: BinaryIO, target: BinaryIO, rule: RowRule) -> Found | None:
    try:
        header = read_csv_header(path)
    except HeaderError:
        # the file is refused as a whole, so each of its lines is only text
        return _rewrite_text(source, target, rule)
    names = [name.lower() for name in header.names]
    target.write(source.read(header.end))
    removed = changed = 0
    stays: dict[str, int] = {}
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
        _note_stays(rule, values | changes, stays)
        if not changes:
            target.write(record)
            continue
        changed += 1
        target.write(_record_of([changes.get(name, row[n]) for n, name in enumerate(names)], record))
    return Found(removed, changed, stays)


def _note_stays(rule: RowRule, values: dict[str, Any], stays: dict[str, int]) -> None:
    for name in rule.stays(values):
        stays[name] = stays.get(name, 0) + 1


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


def _rewrite_lines(source: BinaryIO, target: BinaryIO, rule: RowRule) -> Found:
    removed = changed = 0
    stays: dict[str, int] = {}
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
        _note_stays(rule, values | changes, stays)
        if changes:
            changed += 1
            document |= {names[name]: value for name, value in changes.items()}
            line = json.dumps(document, ensure_ascii=False).encode() + end
        target.write(line)
    return Found(removed, changed, stays)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that is given twice makes the row a reject, and would hide the first of its values here."""
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key is given twice")
    return document


def _rewrite_text(source: BinaryIO, target: BinaryIO, rule: RowRule) -> Found | None:
    data = source.read()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None if rule.mentions(data.decode("utf-16", "replace")) else Found()
    removed = 0
    for line in io.BytesIO(data):
        if rule.mentions(_decoded(line)):
            removed += 1
            line = line[len(line.rstrip(b"\r\n")) :]
        target.write(line)
    return Found(removed)


def _decoded(data: bytes) -> str:
    return data.removeprefix(BOM).decode("utf-8", "backslashreplace")


def _rewrite_parquet(path: Path, beside: Path | None, table: Table, subject: Subject) -> Found | None:
    with safe_name(path) as link, duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        claims_table(con, subject)
        return rewrite_parquet(con, link, beside, table, subject)


def rewrite_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, beside: Path | None, table: Table | None, subject: Subject
) -> Found | None:
    """Write what is left of a Parquet file, in the same order, beside it."""
    relation = f"read_parquet({quote_text(str(path))}, hive_partitioning = false)"
    try:
        columns = [(name.lower(), kind) for name, kind in columns_of(con, relation)]
        found = cleaning_of(con, relation, subject, table, columns)
        counts = found.counts(con, relation)
    except duckdb.Error:
        return None
    if counts and beside:
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
