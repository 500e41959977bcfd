"""The steps of a refresh, the same for the command line and for Dagster.

    check the configuration, load landing files, build with dbt, judge by the gate, publish or hold, notify

Belongs here: what each step does, when it counts as failed, and the lock that keeps a warehouse to one run.
Does not belong here: their order (refresh.py, the assets), or how dbt, the gate and the publication work inside.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.configuration_checks import main as check_configuration_command
from orchestration.dbt_run import BUILT_WITH, DbtRun, code_version, say_not_done
from orchestration.errors import RefreshError, TransientError
from orchestration.landing import LandingReport, load_landing
from orchestration.landing_build_file import BUILD_FILE, LandingError

LOCK_FILE = ".refresh.lock"
# whoever only looks into the build file holds it for a moment; a run that holds it holds it for longer
MOMENT_SECONDS = 3.0
NEARLY_FULL_BYTES = 128 * 2**20
BUILD = ("build", "--exclude-resource-type", "unit_test")

Say = Callable[[str], None]


@dataclass(frozen=True)
class LastBuild:
    """The last build that ran to its end."""

    as_of: date
    completed_at: datetime


@contextmanager
def only_run(warehouse: Path, patience: float = MOMENT_SECONDS) -> Iterator[None]:
    """Hold the warehouse for this run; a second one is refused instead of corrupting anything."""
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        lock_file = (warehouse / LOCK_FILE).open("w")
    except OSError as error:
        raise RefreshError(f"{warehouse}: the folder cannot be written: {error.strerror}") from error
    with lock_file as lock:
        give_up_at = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= give_up_at:
                    message = f"{warehouse}: another refresh is running here; wait for it to end"
                    raise TransientError(message) from error
                time.sleep(0.1)
        yield


def check_configuration(config: Path) -> None:
    """Stop before anything is loaded or built if the configuration has an error; print what it has."""
    if check_configuration_command(["--config", str(config)]) != 0:
        raise RefreshError(f"{config}: fix the configuration first; nothing was loaded or built")


def load(landing: Path, warehouse: Path, say: Say = print) -> LandingReport:
    """Load the landing files that are new."""
    try:
        report = load_landing(landing, warehouse, progress=say)
    except LandingError as error:
        kind = TransientError if "in use by another process" in str(error) else RefreshError
        raise kind(f"landing: {error}") from error
    for line in report.lines():
        say(line)
    return report


def build_command(warehouse: Path, full_refresh: bool = False, say: Say = print) -> list[str]:
    """The dbt command of a whole build: everything anew where the models have changed since the last one."""
    built_with = warehouse / BUILT_WITH
    if built_with.exists() and built_with.read_text(encoding="utf-8") != code_version():
        say("the models have changed since the last build: computing everything anew")
        full_refresh = True
    return [*BUILD, *(["--full-refresh"] if full_refresh else [])]


def build(run: DbtRun, full_refresh: bool = False, say: Say = print) -> None:
    """Build everything, and once more if the engine failed of itself or for want of memory."""
    _, *options = build_command(run.warehouse, full_refresh, say)
    code = run.build(*options, say=say)
    assert_built(run, code == 0)


def assert_built(run: DbtRun, succeeded: bool, expected: Collection[str] | None = None) -> None:
    """Stop unless dbt succeeded and every expected node really ran: a skipped model is no success.

    Args:
        run: the run that has just ended.
        succeeded: what dbt said itself.
        expected: unique ids of nodes if only a part was to be built; else a whole build is on record from here on.
    """
    if not succeeded and run.engine_failed():
        raise TransientError("dbt: the engine failed of itself; the next attempt starts where this one did")
    missing = run.not_done(expected)
    if missing or not succeeded:
        nodes = say_not_done(missing) or "before any node ran"
        raise RefreshError(
            f"dbt: the build did not complete ({nodes}; see {run.warehouse / 'logs' / 'dbt.log'})"
            f"{_disk(run.warehouse)}; the next refresh starts from where this one did"
        )
    if expected is None:
        (run.warehouse / BUILT_WITH).write_text(code_version(), encoding="utf-8")


def open_build_file(warehouse: Path, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """For whoever holds the lock: another kind of process, such as a client that was left open, may hold the file."""
    try:
        return duckdb.connect(str(warehouse / BUILD_FILE), read_only=read_only)
    except duckdb.IOException as error:
        raise TransientError(f"{warehouse / BUILD_FILE} is in use: close whatever else has opened it") from error


def _disk(warehouse: Path) -> str:
    """What to do where a build stopped beside a disk that is full; it may have failed to say so anywhere."""
    free = shutil.disk_usage(warehouse).free
    return f"; the disk has {free // 2**20} MB left: free space first" if free < NEARLY_FULL_BYTES else ""


def last_build(warehouse: Path) -> LastBuild | None:
    """The last complete build; None before the first. For whoever holds the lock."""
    if not (warehouse / BUILD_FILE).exists():
        return None
    with open_build_file(warehouse) as con:
        known = con.execute(
            "select count(*) from duckdb_tables() where schema_name = 'build_log' and table_name = 'complete_builds'"
        ).fetchall()[0][0]
        rows = (
            con.execute(
                "select as_of_date, completed_at from build_log.complete_builds order by completed_at desc limit 1"
            ).fetchall()
            if known
            else []
        )
    return LastBuild(*rows[0]) if rows else None


def request_rebuild(warehouse: Path, from_on: date, requested_by: str) -> None:
    """Have the next build compute everything from this day on, whether or not anything differs."""
    with open_build_file(warehouse, read_only=False) as con:
        now = datetime.now(UTC).replace(tzinfo=None)
        con.execute("insert into build_log.dirty_days values (?, 'requested', ?, ?)", [requested_by, from_on, now])
        con.execute("checkpoint")
