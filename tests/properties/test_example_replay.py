"""The example company as it stood on an earlier day, with the default configuration.

Belongs here: replay of the simulated company. Random accounts have theirs in test_pipeline_properties.py.
"""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.landing.load import load_landing
from examples.company.company import generate
from examples.company.config import CompanyConfig
from tests.pipeline import Warehouse, differences

END = date(2026, 6, 30)
LAST_DAY = date(2026, 5, 14)
TABLES = (
    "intermediate.int_account_days",
    "health.fct_metric_points",
    "health.fct_health_scores",
    "health.fct_score_changes",
    "intermediate.int_journey_metrics",
    "journey.fct_journey_days",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("example company")
    generate(folder / "landing", CompanyConfig(accounts=50, days=210, end=END))
    warehouse = Warehouse(folder / "whole", DEFAULT_CONFIG)
    load_landing(folder / "landing", warehouse.folder, loaded_at=datetime(2026, 7, 1, 3))
    shutil.rmtree(folder / "landing")
    warehouse.build(END)
    return warehouse


def test_the_example_company_looks_the_same_when_nothing_later_is_known(company: Warehouse, tmp_path: Path) -> None:
    past = company.cut(LAST_DAY, tmp_path / "past")
    past.build(LAST_DAY)
    assert differences(company, past, TABLES, "date_day", LAST_DAY) == {}
    (rows,) = past.query("select count(*) from health.fct_health_scores where health_score is not null")[0]
    assert rows > 1_000
