"""A small company in operation: its warehouse, the real command as a process, and what readers and marts show.

Belongs here: building it once, putting it back as it was, running and watching the command, comparing what comes out.
Does not belong here: faults and what must come of them (test_operations.py, test_kills.py, test_machine_faults.py).
"""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb

from benchmarks.arrivals import split_landing
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import PROJECT_ROOT
from customer_health.publication.publish import current
from examples.company import CompanyConfig, generate

DAY = date(2026, 6, 30)
DAY_BEFORE = DAY - timedelta(days=1)
NEXT_DAY = DAY + timedelta(days=1)
MARTS = ("health", "journey", "quality", "validation")
# when something was loaded or built, and what the publication tells of itself
AUDIT_COLUMNS = ("loaded_at", "first_loaded_at", "last_loaded_at", "found_at", "built_at", "_loaded_at")
AUDIT_TABLES = ("quality.fct_publications", "quality.fct_score_restatements")

Print = dict[str, tuple[int, int]]


def fingerprint(file: Path, schemas: Sequence[str] = MARTS) -> Print:
    """Of every table: how many rows, and one number for all that they hold but audit columns; of every view, its rows.

    A view adds up when it is read, and its last bits hang on how the threads of the reader met. So do averages over
    many accounts in the reports of the validation schema: they are compared to nine places.
    """
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as seen (read_only)")
        con.execute("use seen")
        columns = con.execute(
            "select schema_name || '.' || table_name, column_name, schema_name = 'validation' and data_type = 'DOUBLE'"
            " from duckdb_columns() where database_name = 'seen' and list_contains(?, schema_name) order by 1, 2",
            [list(schemas)],
        ).fetchall()
        names = con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        tables = {name for (name,) in names}
        read: dict[str, list[str]] = {}
        for name, column, is_rounded in columns:
            if name not in AUDIT_TABLES and column not in AUDIT_COLUMNS:
                read.setdefault(name, []).append(f'round("{column}", 9)' if is_rounded else f'"{column}"')
        found = {}
        for name, expressions in read.items():
            # a sum, for two equal rows would cancel each other out in an exclusive or
            content = f"sum(hash({', '.join(expressions)})::hugeint % 1000000007)" if name in tables else "0"
            found[name] = con.execute(f"select count(*), coalesce({content}, 0) from {name}").fetchall()[0]
        return found


def unequal(one: Print, other: Print) -> list[str]:
    """The tables that are not the same."""
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


@dataclass(frozen=True)
class Company:
    """One warehouse with its landing folder, always under the same path: dbt keeps what it has parsed."""

    folder: Path

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse"

    @property
    def build_file(self) -> Path:
        return self.warehouse / BUILD_FILE

    @property
    def published_file(self) -> Path:
        return self.warehouse / PUBLISHED_FILE

    def drop(self, files: Path) -> None:
        """Let the files of another landing folder arrive."""
        shutil.copytree(files, self.landing, dirs_exist_ok=True)

    def command(self, as_of: date, *options: str) -> list[str]:
        places = ("--landing", str(self.landing), "--warehouse", str(self.warehouse))
        return [
            sys.executable,
            "-m",
            "customer_health",
            "refresh",
            *places,
            "--as-of",
            as_of.isoformat(),
            *options,
        ]

    def start(
        self, as_of: date = DAY, *options: str, largest_file: int | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        """Start the command as a group of processes of its own; what it prints is read when it has ended."""
        return subprocess.Popen(
            self.command(as_of, *options),
            cwd=PROJECT_ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=limit_files(largest_file) if largest_file else None,
        )

    def refresh(
        self, as_of: date = DAY, *options: str, largest_file: int | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(as_of, *options, largest_file=largest_file, **environment)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def refreshed(self, as_of: date = DAY, *options: str) -> subprocess.CompletedProcess[str]:
        """Refresh without any fault."""
        done = self.refresh(as_of, *options)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done

    def shown(self) -> Print:
        return fingerprint(self.published_file)

    def marts(self) -> Print:
        return fingerprint(self.build_file)


@dataclass(frozen=True)
class Operated:
    """The company as it stood before its last day and after it, and what an undisturbed refresh of that day ends in."""

    company: Company
    morning: Path
    evening: Path
    history: Path
    last_day: Path
    next_day: Path
    before: Print
    marts: Print
    after: Print

    def restore(self, arrived: bool = True) -> Company:
        """Put it back to the morning of its last day, whose files have arrived or not."""
        self._put_back(self.morning)
        if arrived:
            self.company.drop(self.last_day)
        return self.company

    def restore_evening(self) -> Company:
        """Put it back to where the undisturbed refresh of its last day ended."""
        self._put_back(self.evening)
        return self.company

    def _put_back(self, kept: Path) -> None:
        shutil.rmtree(self.company.folder, ignore_errors=True)
        copy_linked(kept, self.company.folder)

    def assert_old_or_new(self) -> str:
        """Readers see the publication before or the new one, each whole; which of them?"""
        shown = self.company.shown()
        old, new = unequal(shown, self.before), unequal(shown, self.after)
        assert not old or not new, f"mixed: {old} are not of the old publication, {new} not of the new one"
        publication = current(self.company.warehouse)
        assert publication is not None
        assert publication.as_of == (DAY_BEFORE if not old else DAY)
        return "new" if old else "old"

    def assert_as_undisturbed(self) -> None:
        """Marts and publication are those of an undisturbed run, and nothing half-done lies about."""
        differing = unequal(self.company.marts(), self.marts)
        assert differing == [], f"marts differ: {differing}"
        differing = unequal(self.company.shown(), self.after)
        assert differing == [], f"the published file differs: {differing}"
        left = [
            path
            for pattern in (".landing", "publications/.work", ".*.next", "publications/.*.next")
            for path in self.company.warehouse.glob(pattern)
        ]
        assert left == [], f"left behind: {left}"


@cache
def operated() -> Operated:
    """Build it, once in a session."""
    # a folder with a space, because people have those
    folder = Path(tempfile.mkdtemp(prefix="a company in operation "))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    whole, upto, history, last_day, next_day = (
        folder / name for name in ("whole", "upto", "history", "last day", "next day")
    )
    generate(whole, CompanyConfig(accounts=20, days=120, end=NEXT_DAY, seed=7, plant_defects=False))
    split_landing(whole, NEXT_DAY, upto, next_day)
    split_landing(upto, DAY, history, last_day)
    company = Company(folder / "company")
    company.drop(history)
    company.refreshed(DAY_BEFORE)
    before = company.shown()
    morning, evening = folder / "morning", folder / "evening"
    copy_linked(company.folder, morning)
    company.drop(last_day)
    company.refreshed()
    copy_linked(company.folder, evening)
    return Operated(company, morning, evening, history, last_day, next_day, before, company.marts(), company.shown())


def copy_linked(source: Path, target: Path) -> None:
    """Copy a folder with all times, by which dbt and the ledger know files, and with names that are the same file."""
    subprocess.run(["cp", "--archive", str(source), str(target)], check=True)


def limit_files(size: int) -> Callable[[], None]:
    """What a process does before it begins, so that no file of its can grow beyond a size."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def first_row(file: Path, sql: str) -> tuple[object, ...]:
    with duckdb.connect() as con:
        con.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as seen (read_only)")
        con.execute("use seen")
        return con.execute(sql).fetchall()[0]


def rewrite_events(files: Path, select: str) -> None:
    """Replace the usage events of landing files by a select from `events`."""
    rewritten = 0
    for path in sorted((files / "usage_events").glob("*.parquet")):
        with duckdb.connect() as con:
            quoted = str(path).replace("'", "''")
            con.execute(f"create table events as from read_parquet('{quoted}')")
            con.execute(f"copy ({select}) to '{quoted}'")
            rewritten += 1
    assert rewritten, "there are no events to change"


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str], pause: float = 0.002) -> bool:
    """Wait for something to be seen of a running process; whether it was, before the process ended."""
    while process.poll() is None:
        if condition():
            return True
        time.sleep(pause)
    return condition()
