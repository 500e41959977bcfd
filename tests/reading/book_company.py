"""A company with all that readers ask about: departures, accounts at risk, healthy ones off their path.

Belongs here: building and publishing it.
Does not belong here: what is asked of it. It is only read; who publishes uses tests/orchestration/published_company.py.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from customer_health.landing.load import load_landing
from examples.company import CompanyConfig, generate
from tests.built_once import built_once
from tests.in_process import InProcess
from tests.orchestration.published_company import published

LAST_DAY = date(2026, 6, 30)
COMPANY = CompanyConfig(accounts=220, days=300, end=LAST_DAY, seed=7, yearly_logo_churn=0.3)


def book_company() -> Path:
    """The warehouse of the published company; its path holds a space."""
    return built_once("book company", _build)


def _build(warehouse: Path) -> None:
    generate(warehouse / "landing", COMPANY)
    load_landing(warehouse / "landing", warehouse)
    build = ["build", "--quiet", "--exclude-resource-type", "unit_test"]
    assert InProcess(warehouse, as_of=LAST_DAY).run(build) == 0, f"see {warehouse / 'logs' / 'dbt.log'}"
    published(warehouse, LAST_DAY)
