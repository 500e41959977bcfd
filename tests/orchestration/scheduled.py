"""A small company under Dagster: its landing files in parts, its warehouse, its runs.

Belongs here: making files arrive, starting jobs as a tick would, reading what was built and published.
Does not belong here: what must come of it (the tests).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from benchmarks.arrivals import split_landing
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.settings import Settings
from examples.company import CompanyConfig, generate
from orchestration.assembly import build_definitions
from orchestration.manifest import home

END = date(2026, 6, 30)
DAY_BEFORE = END - timedelta(days=1)
# three weeks back: far beyond the look-back
LATE_DAY = END - timedelta(days=21)


@dataclass(frozen=True)
class Company:
    """One warehouse with its landing folder."""

    settings: Settings

    @cached_property
    def definitions(self) -> dg.Definitions:
        return build_definitions(self.settings)

    @property
    def build_file(self) -> Path:
        return self.settings.warehouse / BUILD_FILE

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.build_file, sql)

    def run(
        self,
        job: str,
        instance: dg.DagsterInstance,
        *,
        day: date | None = None,
        tags: Mapping[str, str] | None = None,
        select: list[str] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run a job in this process; a failure is in the result."""
        return self.definitions.resolve_job_def(job).execute_in_process(
            partition_key=day.isoformat() if day else None,
            tags=dict(tags or {}),
            instance=instance,
            asset_selection=[dg.AssetKey(name.split("/")) for name in select] if select else None,
            raise_on_error=False,
        )

    def copy(self, folder: Path, **changes: Any) -> Company:
        """The same company in a warehouse of its own, built as far as this one."""
        shutil.copytree(
            self.settings.warehouse, folder / "warehouse", ignore=shutil.ignore_patterns("logs", "target", "dagster")
        )
        # the manifest is the same for the same configuration
        shutil.copytree(home(self.settings), folder / "warehouse" / "dagster")
        landing = folder / "landing"
        shutil.copytree(self.settings.landing, landing)
        return Company(
            self.settings.model_copy(update={"warehouse": folder / "warehouse", "landing": landing, **changes})
        )

    def drop(self, files: Path) -> None:
        """Let the files of another landing folder arrive."""
        shutil.copytree(files, self.settings.landing, dirs_exist_ok=True)


def query(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return con.execute(sql).fetchall()


@dataclass(frozen=True)
class Arrivals:
    """Landing folders of one company: all but its last day, the last day, and a file that is late by three weeks."""

    history: Path
    last_day: Path
    late: Path


def write_arrivals(folder: Path) -> Arrivals:
    parts = Arrivals(folder / "history", folder / "last day", folder / "late")
    generate(folder / "whole", CompanyConfig(accounts=60, days=200, end=END, seed=7))
    split_landing(folder / "whole", END, parts.history, parts.last_day)
    _hold_back_events(parts.history / "usage_events", parts.late / "usage_events")
    return parts


def _hold_back_events(events: Path, late: Path) -> None:
    """Move every second event of the late day into a file of its own."""
    late.mkdir(parents=True)
    is_late = f"cast(occurred_at as date) = date '{LATE_DAY}' and hash(event_id) % 2 = 0"
    with duckdb.connect() as con:
        for path in sorted(events.glob("*.parquet")):
            rows = con.sql(f"select * from read_parquet('{_quoted(path)}')").to_arrow_table()
            con.register("rows", rows)
            if con.execute(f"select count(*) from rows where {is_late}").fetchall()[0][0]:
                target = _quoted(late / f"{path.stem}_late.parquet")
                con.execute(f"copy (from rows where {is_late}) to '{target}'")
                con.execute(f"copy (from rows where not coalesce({is_late}, false)) to '{_quoted(path)}'")
            con.unregister("rows")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
