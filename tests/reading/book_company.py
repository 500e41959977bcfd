"""A company with all that readers ask about: departures, accounts at risk, healthy ones off their path.

Belongs here: building and publishing it once for all workers of a test run.
Does not belong here: what is asked of it. It is only read; who publishes uses tests/orchestration/published_company.py.
"""

from __future__ import annotations

import fcntl
import os
from datetime import date
from pathlib import Path

import pytest

from examples.company import CompanyConfig, generate
from orchestration.landing import load_landing
from orchestration.publication import current
from orchestration.refresh import DbtRun
from tests.orchestration.published_company import published

LAST_DAY = date(2026, 6, 30)
COMPANY = CompanyConfig(accounts=220, days=300, end=LAST_DAY, seed=7)


def book_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the published company; its path holds a space."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # each worker has a folder of its own inside that of the run
        folder = folder.parent
    warehouse = folder / "book company"
    warehouse.mkdir(exist_ok=True)
    with (folder / "book company.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if current(warehouse) is None:
            generate(warehouse / "landing", COMPANY)
            load_landing(warehouse / "landing", warehouse)
            build = ["build", "--quiet", "--exclude-resource-type", "unit_test"]
            assert DbtRun(warehouse, as_of=LAST_DAY).run(build) == 0, f"see {warehouse / 'logs' / 'dbt.log'}"
            published(warehouse, LAST_DAY)
    return warehouse
