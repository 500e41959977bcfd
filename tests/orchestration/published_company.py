"""A small company, built on two days and once more after a late file, for the tests of publishing.

Belongs here: build files that really ran through dbt, kept for a whole run, and copies of them to publish from.
Does not belong here: what must come of publishing them (test_publication*.py).
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from customer_health.landing.load import load_landing
from customer_health.publication.publish import Publication, publish
from customer_health.refresh.refresh import BUILD_FILE
from examples.company import CompanyConfig, generate
from expectations.report import CheckResult, GateReport
from tests.built_once import built_once
from tests.in_process import InProcess

SECOND_DAY = date(2026, 6, 30)
FIRST_DAY = SECOND_DAY - timedelta(days=1)
LATE_DAY = SECOND_DAY - timedelta(days=21)
NOW = datetime(2026, 7, 1, 3, 15)


def gate_report(as_of: date, passed: bool = True) -> GateReport:
    """What a gate of one check says."""
    check = CheckResult("marts", "scores_in_range", passed, "error", "0 outside", "0 outside", "a score is 0 to 100")
    return GateReport((check,), NOW, as_of)


@dataclass(frozen=True)
class Company:
    """Build files of three builds, each going on from the one before."""

    first: Path
    second: Path
    late: Path

    def warehouse(self, folder: Path, build: Path | None = None) -> Path:
        """A warehouse of its own that holds a copy of a build; its path holds a space."""
        warehouse = folder / "a warehouse"
        warehouse.mkdir(parents=True, exist_ok=True)
        bring(warehouse, build or self.first)
        return warehouse


def bring(warehouse: Path, build: Path) -> None:
    """Let a warehouse hold another build."""
    shutil.copyfile(build, warehouse / BUILD_FILE)


def company() -> Company:
    folder = built_once("published company", _build)
    return Company(*(folder / f"{name}.duckdb" for name in ("first", "second", "late")))


def _build(folder: Path) -> None:
    landing, warehouse = folder / "landing", folder / "warehouse"
    config = CompanyConfig(accounts=14, days=170, end=SECOND_DAY, seed=11, existing_share=0.2)
    generate(landing, config)
    build = warehouse / BUILD_FILE
    for name, as_of in (("first", FIRST_DAY), ("second", SECOND_DAY), ("late", SECOND_DAY)):
        if name == "late":
            _deliver_late(landing, build)
        load_landing(landing, warehouse)
        command = ["build", "--quiet", "--exclude-resource-type", "unit_test"]
        assert InProcess(warehouse, as_of=as_of).run(command) == 0, f"see {warehouse / 'logs' / 'dbt.log'}"
        shutil.copyfile(build, folder / f"{name}.duckdb")


def _deliver_late(landing: Path, build: Path) -> None:
    """Events of three weeks ago arrive: an account was far busier than it seemed."""
    with duckdb.connect(str(build), read_only=True) as con:
        account = con.execute(
            "select account_id from health.fct_health_scores where date_day = ? and health_score is not null"
            " order by account_id limit 1",
            [LATE_DAY],
        ).fetchall()[0][0]
        event = con.execute("select event_name from raw.usage_events group by 1 order by count(*) desc limit 1")
        name = event.fetchall()[0][0]
    with (landing / "usage_events" / "late.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["event_id", "account_id", "user_id", "event_name", "occurred_at", "quantity"])
        for number in range(4000):
            rows.writerow([f"late-{number}", account, "", name, f"{LATE_DAY} 10:{number % 60:02}:00", 1])


def published(warehouse: Path, as_of: date, hours: int = 0, **given: object) -> Publication:
    """Publish what lies there, some hours after the first."""
    return publish(warehouse, as_of=as_of, gate=gate_report(as_of), now=NOW + timedelta(hours=hours), **given)


def change(warehouse: Path, *statements: str) -> None:
    """Change a build file as no build would."""
    with duckdb.connect(str(warehouse / BUILD_FILE)) as con:
        for statement in statements:
            con.execute(statement)
