"""Load landing files into the raw tables of the build file, by the raw contract and without losing a row.

A file is loaded once, by its content, in one transaction: a killed load leaves whole files only, and the
next one goes on with the rest. Every row of a file ends up in its raw table or in landing.rejected_rows; a file
whose columns do not fit is refused as a whole. What went wrong is a row of landing.findings, and the other files
still load.

Belongs here: the ledger, transactions, what happens to good and bad rows, the command.
Does not belong here: finding files (files.py), rows in bytes (text.py), columns of a file
(relations.py), types (types.py), or what a row means (staging).
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import duckdb

from customer_health.core.build_file import (
    BUILD_FILE,
    FORGETTING_FILE,
    LandingError,
    first_line,
    is_fault_of_the_machine,
    open_build_file,
    without_work_paths,
)
from customer_health.core.contract import Contract, Table, load_contract
from customer_health.core.paths import command_line
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, quote_text
from customer_health.landing.files import (
    LandingFile,
    content_hash,
    file_id,
    find_files,
    is_settled,
    safe_name,
    stat_signature,
)
from customer_health.landing.forgotten import CLEANED_REJECT, FORGOTTEN, Cleaned, Gatekeeper, Register
from customer_health.landing.raw_tables import create_raw_tables, enter_load, existing_columns, moment_of_load
from customer_health.landing.rejects import OFFSETS_TABLE, RowWriter, create_offsets_table
from customer_health.landing.relations import (
    RefusedFileError,
    Relation,
    count_parquet_rows,
    csv_relation,
    json_keys,
    json_relation,
    match_columns,
    parquet_columns,
    parquet_relation,
    reject_reasons,
    typed_rows,
)
from customer_health.landing.text import HeaderError, is_blank, read_csv_header, scan_csv, scan_json_lines

__all__ = [
    "BUILD_FILE",
    "FileResult",
    "Finding",
    "LandingError",
    "LandingReport",
    "create_raw_tables",
    "load_landing",
    "open_build_file",
]

WORK_FOLDER = ".landing"
PROGRESS_EVERY_SECONDS = 5.0

SEVERITIES = {
    "file_refused": "error",
    "file_empty": "warn",
    "file_header_only": "warn",
    "column_added": "info",
    "rows_rejected": "warn",
    "forgotten_again": "warn",
}
# what these say holds for the files that lie in the landing folder now, so each load states them anew
RESTATED_FINDINGS = ("file_refused", "file_empty", "file_header_only")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """A row of landing.findings."""

    finding: str
    severity: str
    entity: str
    detail: str


@dataclass(frozen=True)
class FileResult:
    """What became of one file: loaded, refused, empty, header_only, or already_loaded."""

    table_name: str
    file_name: str
    status: str
    rows: int = 0
    rejected: int = 0
    message: str = ""


@dataclass
class LandingReport:
    """What one load did."""

    files: list[FileResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows_loaded(self) -> int:
        return sum(result.rows for result in self.files)

    @property
    def rows_rejected(self) -> int:
        return sum(result.rejected for result in self.files)

    def count(self, status: str) -> int:
        return sum(result.status == status for result in self.files)

    def lines(self) -> list[str]:
        """The report for a terminal."""
        head = (
            f"{self.count('loaded')} files loaded, {self.count('already_loaded')} known already,"
            f" {self.count('refused')} refused: {self.rows_loaded:,} rows loaded,"
            f" {self.rows_rejected:,} rejected, {self.seconds:.1f} s"
        )
        return [head, *(f"{item.severity}: {item.entity}: {item.detail}" for item in self.findings)]


def load_landing(
    landing: Path,
    warehouse: Path,
    progress: Progress | None = None,
    *,
    contract: Contract | None = None,
    loaded_at: datetime | None = None,
    memory_limit: str | None = None,
) -> LandingReport:
    """Load what is new in the landing folder. All rows of one load carry the same `_loaded_at`."""
    started = time.monotonic()
    contract = contract or load_contract()
    if not landing.is_dir():
        raise LandingError(f"the landing folder {landing} does not exist")
    if (warehouse / FORGETTING_FILE).exists():
        raise LandingError(
            f"{warehouse}: forgetting a user or an account was broken off; finish it first: give the same id again to "
            + command_line("forget", "--warehouse", warehouse)
        )
    forgotten = Register(warehouse).entries()
    moment = loaded_at or datetime.now(UTC)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    with open_build_file(warehouse, memory_limit) as con, _work_folder(warehouse) as work:
        try:
            create_raw_tables(con, contract)
            moment = moment_of_load(con, moment)
            keeper = Gatekeeper(con, warehouse, forgotten) if forgotten else None
            loader = _Loader(con, contract, landing, work, moment, progress or _silent, keeper)
            report = loader.run()
            con.execute("checkpoint")
        except (duckdb.Error, OSError, MemoryError) as fault:
            raise LandingError(f"the load stopped: {first_line(fault)}") from fault
    report.seconds = time.monotonic() - started
    return report


class _Loader:
    """One load of one landing folder."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        contract: Contract,
        landing: Path,
        work: Path,
        loaded_at: datetime,
        progress: Progress,
        keeper: Gatekeeper | None,
    ) -> None:
        self.con = con
        self.keeper = keeper
        self.contract = contract
        self.landing = landing
        self.work = work
        self.loaded_at = loaded_at
        self.progress = progress
        self.report = LandingReport()
        self.pending: list[Finding] = []
        self.is_entered = False
        create_offsets_table(con)
        loaded = con.execute(
            "select table_name, content_hash, stat_signature from landing.files where status = 'loaded'"
        ).fetchall()
        self.known_contents = {(table_name, content) for table_name, content, _ in loaded}
        self.known_signatures = {(table_name, signature) for table_name, _, signature in loaded if signature}

    def run(self) -> LandingReport:
        files, misplaced = find_files(self.landing, self.contract)
        self.con.begin()
        marks = ", ".join(quote_text(name) for name in RESTATED_FINDINGS)
        self.con.execute(f"delete from landing.findings where finding in ({marks})")
        for item in misplaced:
            self._note("file_refused", item.entity, item.detail)
        self._commit_findings()
        with _Heartbeat(self.progress) as heartbeat:
            for number, file in enumerate(files, start=1):
                heartbeat.say(
                    f"loading {file.name} ({number} of {len(files)}), {self.report.rows_loaded:,} rows so far"
                )
                self.report.files.append(self._load_file(file))
        return self.report

    def _load_file(self, file: LandingFile) -> FileResult:
        """Load one file in one transaction; what is wrong with the file ends as a status, not an error."""
        if file.fault:
            return self._set_aside(file, None, 0, "refused", file.fault)
        try:
            signature = stat_signature(file.path)
            if (file.table_name, signature) in self.known_signatures:
                return FileResult(file.table_name, file.name, "already_loaded")
            settled = is_settled(file.path)
            content = content_hash(file.path)
            size = file.path.stat().st_size
        except OSError as fault:
            return self._set_aside(file, None, 0, "refused", f"the file cannot be read: {fault.strerror}")
        if (file.table_name, content) in self.known_contents:
            return FileResult(file.table_name, file.name, "already_loaded")
        self.con.begin()
        try:
            result = self._load_content(file)
            if result.status == "loaded":
                if stat_signature(file.path) != signature:
                    raise RefusedFileError("the file changed while it was read; it is tried again on the next load")
                self._enter(file, content, size, result, signature if settled else None)
                if not self.is_entered:
                    enter_load(self.con, self.loaded_at)
                self._commit_findings()
                self.is_entered = True
                self.known_contents.add((file.table_name, content))
                return result
            status, message = result.status, result.message
        except RefusedFileError as fault:
            status, message = "refused", str(fault)
        except (duckdb.Error, OSError, MemoryError) as fault:
            self._roll_back()
            if is_fault_of_the_machine(fault):
                raise LandingError(f"the load stopped at {file.name}: {first_line(fault)}") from fault
            return self._set_aside(file, content, size, "refused", f"the file cannot be read: {first_line(fault)}")
        except BaseException:
            self._roll_back()
            raise
        self._roll_back()
        return self._set_aside(file, content, size, status, message)

    def _load_content(self, file: LandingFile) -> FileResult:
        table = self.contract.table(file.table_name)
        with safe_name(file.path) as path:
            if path.stat().st_size == 0 or (file.file_type != "parquet" and is_blank(path)):
                return FileResult(table.name, file.name, "empty", message="the file is empty")
            sink = RowWriter(self.con, file, self.loaded_at, self.keeper.clean_reject if self.keeper else None)
            match file.file_type:
                case "csv":
                    return self._load_csv(file, table, path, sink)
                case "jsonl":
                    return self._load_json_lines(file, table, path, sink)
                case _:
                    return self._load_parquet(file, table, path)

    def _load_csv(self, file: LandingFile, table: Table, path: Path, sink: RowWriter) -> FileResult:
        try:
            header = read_csv_header(path)
        except HeaderError as fault:
            raise RefusedFileError(str(fault)) from None
        columns = match_columns(table, header.names)
        self.con.execute(f"delete from {OFFSETS_TABLE}")
        scanned = scan_csv(path, self.work / "clean.csv", header, sink)
        offset = sink.finish()
        if not scanned.rows and not scanned.rejected:
            return FileResult(table.name, file.name, "header_only", message="the file holds a header and no rows")
        with safe_name(scanned.path) as readable:
            relation = csv_relation(table, columns, header, scanned, readable, offset, OFFSETS_TABLE)
            return self._insert(file, table, relation, scanned.rejected)

    def _load_json_lines(self, file: LandingFile, table: Table, path: Path, sink: RowWriter) -> FileResult:
        scanned = scan_json_lines(path, self.work / "clean.jsonl", sink)
        sink.finish()
        with safe_name(scanned.path) as readable:
            keys = json_keys(self.con, scanned, readable)
            if not keys:
                raise RefusedFileError("no line holds a JSON object with keys")
            columns = match_columns(table, keys)
            relation = json_relation(self.con, table, columns, keys, scanned, readable)
            return self._insert(file, table, relation, scanned.rejected)

    def _load_parquet(self, file: LandingFile, table: Table, path: Path) -> FileResult:
        found = parquet_columns(self.con, path)
        columns = match_columns(table, [name for name, _, _ in found])
        relation = parquet_relation(self.con, table, columns, found, path)
        if not count_parquet_rows(self.con, path):
            return FileResult(table.name, file.name, "header_only", message="the file holds columns and no rows")
        return self._insert(file, table, relation, 0)

    def _insert(self, file: LandingFile, table: Table, relation: Relation, rejected: int) -> FileResult:
        """Insert the rows whose values are of the contract's types, and reject the others one by one."""
        file_columns = f"{quote_text(table.name)}, {quote_text(file.name)}"
        loaded_at = f"cast({quote_text(self.loaded_at.isoformat(sep=' '))} as timestamp)"
        if relation.malformed_sql:
            rejected += self._count_of(
                f"insert into landing.rejected_rows select {file_columns}, _row, reason, raw_row, {loaded_at}"
                f" from ({relation.malformed_sql})"
            )
        typed = typed_rows(relation)
        bad_rows = self._check_values(relation, typed)
        cleaned = self._look_for_forgotten(file, table, relation, typed, bad_rows)
        if bad_rows:
            raw = f"case when {cleaned.theirs} then {quote_text(FORGOTTEN)} else _raw end" if cleaned else "_raw"
            raw = f"{CLEANED_REJECT}({raw})" if cleaned else raw
            rejected += self._count_of(
                f"insert into landing.rejected_rows select {file_columns}, _row, {reject_reasons(relation)}, {raw},"
                f" {loaded_at} from ({typed}) where _is_bad"
            )
        self._add_columns(file, table, relation)
        names = [value.column.name for value in relation.values] + [name.lower() for name in relation.added]
        items = [f"v{n}" for n in range(len(relation.values))] + [f"x{n}" for n in range(len(relation.added))]
        target = ", ".join(quote_name(name) for name in [*names, *AUDIT_COLUMNS])
        given = {value.column.name: f"v{n}" for n, value in enumerate(relation.values)}
        if cleaned:
            expressions = {given.get(name, name): value for name, value in cleaned.values.items()}
            items = [expressions.get(item, item) for item in items]
        source = ", ".join([*items, loaded_at, quote_text(file.name), "_row"])
        conditions = [*(["not _is_bad"] if bad_rows else []), *([f"not ({cleaned.left_out})"] if cleaned else [])]
        # row numbers come from the order of a text file; Parquet brings its own
        self.con.execute(f"set preserve_insertion_order = {str(file.file_type != 'parquet').lower()}")
        loaded = self._count_of(
            f"insert into raw.{quote_name(table.name)} ({target}) select {source} from ({typed})"
            + (f" where {' and '.join(conditions)}" if conditions else "")
        )
        read = loaded + bad_rows + (cleaned.rows_left_out if cleaned else 0)
        if relation.expected_rows is not None and read != relation.expected_rows:
            counts = f"{relation.expected_rows} rows were counted, {read} read"
            raise RefusedFileError(f"the rows of the file cannot be told apart: {counts}")
        if rejected:
            self._note("rows_rejected", file.name, f"{rejected} rows rejected, see landing.rejected_rows")
        return FileResult(table.name, file.name, "loaded", loaded, rejected)

    def _look_for_forgotten(
        self, file: LandingFile, table: Table, relation: Relation, typed: str, bad_rows: int
    ) -> Cleaned | None:
        """What becomes of rows of those who were forgotten here; None where there are none."""
        if self.keeper is None:
            return None
        names = {value.column.name: f"v{n}" for n, value in enumerate(relation.values)}
        times = [
            names[column.name]
            for column in table.columns
            if column.time == "event" and column.name != "updated_at" and column.name in names
        ]
        added = [f"x{n}" for n in range(len(relation.added))]
        good = f"select * from ({typed})" + (" where not _is_bad" if bad_rows else "")
        cleaned = self.keeper.look_into(table, names, added, times, typed, good)
        if cleaned.rows_left_out or cleaned.rows_changed:
            self._note(
                "forgotten_again",
                file.name,
                f"rows of somebody who was forgotten arrived again: {cleaned.rows_changed:,} were made anonymous,"
                f" {cleaned.rows_left_out:,} left out; the file still holds them: have its source cleaned",
            )
        return cleaned

    def _check_values(self, relation: Relation, typed: str) -> int:
        """Count the rows with a bad value; refuse the file when a required column holds no good one."""
        doubtful = [n for n, value in enumerate(relation.values) if value.cast.may_fail]
        nested = [n for n, value in enumerate(relation.values) if value.is_nested != "false"]
        if not doubtful and not nested:
            return 0
        counts = "".join(f", count(*) filter (g{n}), count(v{n})" for n in doubtful)
        bad_rows, *pairs = self.con.execute(f"select count(*) filter (_is_bad){counts} from ({typed})").fetchall()[0]
        faults: list[str] = []
        for position, n in enumerate(doubtful):
            given, good = pairs[2 * position], pairs[2 * position + 1]
            column = relation.values[n].column
            if column.required and given and not good:
                expected = f"of the expected type {column.data_type}"
                faults.append(f"column '{column.name}': none of its {given} values is {expected}")
        if faults:
            raise RefusedFileError("; ".join(faults))
        return bad_rows

    def _add_columns(self, file: LandingFile, table: Table, relation: Relation) -> None:
        existing = existing_columns(self.con, table.name)
        for name in relation.added:
            column = name.lower()
            if column in existing:
                continue
            self.con.execute(f"alter table raw.{quote_name(table.name)} add column {quote_name(column)} varchar")
            existing[column] = "varchar"
            detail = f"{file.name} has a column '{name}' that is not in the raw contract: kept in raw as text"
            self._note("column_added", f"{table.name}.{column}", detail + relation.hints.get(name, ""))

    def _set_aside(self, file: LandingFile, content: str | None, size: int, status: str, message: str) -> FileResult:
        """Note in the ledger and the findings that nothing of this file was loaded."""
        message = without_work_paths(message)
        finding = {"refused": "file_refused", "empty": "file_empty", "header_only": "file_header_only"}[status]
        result = FileResult(file.table_name, file.name, status, message=message)
        self.con.begin()
        self.pending = []
        self._note(finding, file.name, message)
        self._enter(file, content, size, result, None)
        self._commit_findings()
        return result

    def _enter(
        self, file: LandingFile, content: str | None, size: int, result: FileResult, signature: str | None
    ) -> None:
        identity = file_id(file.table_name, file.name, content)
        self.con.execute("delete from landing.files where file_id = ?", [identity])
        self.con.execute(
            "insert into landing.files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                identity,
                file.table_name,
                file.name,
                content,
                size,
                result.status,
                result.message,
                result.rows,
                result.rejected,
                self.loaded_at,
                signature,
            ],
        )

    def _note(self, finding: str, entity: str, detail: str) -> None:
        self.pending.append(Finding(finding, SEVERITIES[finding], entity, detail))

    def _commit_findings(self) -> None:
        for item in self.pending:
            self.con.execute(
                "insert into landing.findings values (?, ?, ?, ?, ?)",
                [item.finding, item.severity, item.entity, item.detail, self.loaded_at],
            )
        self.con.commit()
        self.report.findings.extend(self.pending)
        self.pending = []

    def _roll_back(self) -> None:
        self.pending = []
        try:
            self.con.rollback()
        except duckdb.Error as fault:
            raise LandingError(f"the load stopped: {first_line(fault)}") from fault

    def _count_of(self, statement: str) -> int:
        return self.con.execute(statement).fetchall()[0][0]


class _Heartbeat:
    """Says every few seconds what is going on, so that a long load is not silent."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.text = ""
        self.done = threading.Event()
        self.started = time.monotonic()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def say(self, text: str) -> None:
        self.text = text

    def _beat(self) -> None:
        while not self.done.wait(PROGRESS_EVERY_SECONDS):
            self.progress(f"{self.text}, {time.monotonic() - self.started:.0f} s")


@contextmanager
def _work_folder(warehouse: Path) -> Iterator[Path]:
    """A folder for clean copies beside the build file; what a killed load left there goes first."""
    work = warehouse / WORK_FOLDER
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    except OSError as fault:
        raise LandingError(f"the warehouse folder {warehouse} cannot be written: {fault.strerror}") from fault
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _silent(_: str) -> None:
    """No progress wanted."""
