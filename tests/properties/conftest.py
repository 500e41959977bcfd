"""What several properties share, built once: random accounts, grown load by load and in full; a company many leave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.landing.load import load_landing
from examples.company import CompanyConfig, generate
from tests.built_once import built_once
from tests.pipeline import Warehouse
from tests.properties.random_company import LAST_DAY, RandomCompany, garbage

CONFIG = PROJECT_ROOT / "tests" / "fixtures" / "random_company" / "config"
# a first build, a month in which rows come late, the next day, the rest
BUILD_DAYS = (date(2026, 2, 20), date(2026, 3, 28), date(2026, 3, 29), LAST_DAY)
SEED = 20261121
DEPARTURES_END = date(2026, 6, 30)


@dataclass
class Grown:
    """A warehouse that took its rows in several loads, and the company that they tell of."""

    company: RandomCompany
    warehouse: Warehouse


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("random company")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def grown(scratch: Path) -> Grown:
    company = RandomCompany(SEED)
    warehouse = Warehouse(scratch / "grown", CONFIG)
    after = None
    for day in BUILD_DAYS:
        is_last = day == BUILD_DAYS[-1]
        loaded_at = datetime.combine(day + timedelta(days=60 if is_last else 1), time(3))
        # most files bear a date; of the others only the load is known
        name = "rows.csv" if day == BUILD_DAYS[1] else f"{day}.csv"
        warehouse.load(company.rows(after, date.max if is_last else day), loaded_at, name)
        if is_last:
            _load_garbage(warehouse, loaded_at)
        warehouse.build(day)
        after = day
    return Grown(company, warehouse)


@pytest.fixture(scope="session")
def whole(grown: Grown, scratch: Path) -> Warehouse:
    """The same raw rows, with everything computed anew in a warehouse that had been built before."""
    warehouse = grown.warehouse.copy(scratch / "whole")
    warehouse.build(LAST_DAY, full_refresh=True)
    return warehouse


@pytest.fixture(scope="session")
def departures() -> Warehouse:
    """A simulated company that many leave, with everything that validation makes of it."""
    return Warehouse(built_once("a company that many leave", _build_departures), DEFAULT_CONFIG)


def _build_departures(folder: Path) -> None:
    company = CompanyConfig(accounts=160, days=400, end=DEPARTURES_END, seed=19, yearly_logo_churn=0.4)
    generate(folder / "landing", company)
    load_landing(folder / "landing", folder, loaded_at=datetime(2026, 7, 1, 3))
    shutil.rmtree(folder / "landing")
    warehouse = Warehouse(folder, DEFAULT_CONFIG)
    marts = ("+path:models/marts/validation", "+fct_metric_points", "+fct_health_scores", "+dim_metrics")
    warehouse.build(DEPARTURES_END, select=(*marts, "+quarantine"))


def _load_garbage(warehouse: Warehouse, loaded_at: datetime) -> None:
    by_table: dict[str, list[dict[str, object]]] = {}
    for table, row in garbage(SEED):
        by_table.setdefault(table, []).append(row)
    warehouse.load(by_table, loaded_at, "garbage.csv")
