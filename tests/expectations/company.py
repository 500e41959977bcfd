"""A small simulated company, built, judged and published yesterday and built again today, for gates to judge.

Belongs here: building it, publishing it, and changing a copy of it.
Does not belong here: what the gate must say of it (the tests).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.landing.load import load_landing
from customer_health.publication import publish as publication
from examples.company.company import generate
from examples.company.config import CompanyConfig
from expectations.gate import ALL, run_gate
from expectations.report import CheckResult, GateReport
from tests.in_process import InProcess

TODAY = date(2026, 6, 30)
YESTERDAY = TODAY - timedelta(days=1)
COMPANY = CompanyConfig(accounts=60, days=240, end=TODAY, seed=11)


def load(warehouse: Path) -> None:
    """All raw rows of the company, each table loaded by the end of today."""
    generate(warehouse / "landing", COMPANY)
    load_landing(warehouse / "landing", warehouse, loaded_at=datetime(2026, 7, 1, 3))


def build(warehouse: Path, as_of: date, *left_out: str) -> None:
    """Build a day; what is to be published may leave nothing but unit tests out."""
    command = ["build", "--quiet", "--exclude-resource-type", "unit_test", *left_out]
    code = InProcess(warehouse, DEFAULT_CONFIG, as_of).run(command)
    assert code == 0, f"the build of {as_of} failed: see {warehouse / 'logs' / 'dbt.log'}"


def publish(warehouse: Path, as_of: date) -> None:
    """As a refresh does it: the gate first, then the publication."""
    publication.publish(warehouse, as_of=as_of, gate=run_gate(warehouse, as_of=as_of))


def copy(warehouse: Path, folder: Path, *statements: str) -> Path:
    """The same build and publication elsewhere, with something changed in the build."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (BUILD_FILE, PUBLISHED_FILE):
        if (warehouse / name).exists():
            shutil.copyfile(warehouse / name, folder / name)
    with duckdb.connect(str(folder / BUILD_FILE)) as con:
        for statement in statements:
            con.execute(statement)
    return folder


def judge(warehouse: Path, suites: Sequence[str] = ALL, as_of: date = TODAY) -> GateReport:
    return run_gate(warehouse, as_of=as_of, suites=suites)


def result(report: GateReport, check: str) -> CheckResult:
    [found] = [one for one in report.results if f"{one.suite}/{one.check}" == check]
    return found


def holding(report: GateReport) -> set[str]:
    return {f"{one.suite}/{one.check}" for one in report.failures}
