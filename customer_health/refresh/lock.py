"""One run at a time in a warehouse.

Belongs here: the lock, what the last build was, asking the next one to start earlier.
Does not belong here: the steps of a run (steps.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from customer_health.core.build_file import BUILD_FILE, open_build_file
from customer_health.core.errors import RefreshError, TransientError

LOCK_FILE = ".refresh.lock"
# whoever only looks into the build file holds it for a moment; a run that holds it holds it for longer
MOMENT_SECONDS = 3.0


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
        lock = FileLock(warehouse / LOCK_FILE)
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise TransientError(f"{warehouse}: another refresh is running here; wait for it to end") from error
    except OSError as error:
        raise RefreshError(f"{warehouse}: the folder cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def last_build(warehouse: Path) -> LastBuild | None:
    """The last complete build; None before the first. For whoever holds the lock."""
    if not (warehouse / BUILD_FILE).exists():
        return None
    with open_build_file(warehouse, read_only=True) as con:
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
    with open_build_file(warehouse) as con:
        now = datetime.now(UTC).replace(tzinfo=None)
        # later than every entry before it, whatever the clock says (macros/loads.sql)
        con.execute(
            "insert into build_log.dirty_days select ?, 'requested', ?, greatest(cast(? as timestamp), max(moment))"
            " from (select max(logged_at) + interval '1' second as moment from build_log.dirty_days"
            " union all select max(completed_at) + interval '1' second from build_log.complete_builds)",
            [requested_by, from_on, now],
        )
        con.execute("checkpoint")
