"""The project builds from an empty warehouse with every dbt test and dbt unit test in it.

Belongs here: that the whole of `dbt build` is green on a company that nobody shaped for it, and on nothing at all.
Does not belong here: what single models do (tests/unit), properties over random data (tests/properties).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from customer_health.landing.load import load_landing
from customer_health.refresh.refresh import BUILD_FILE
from examples.company import CompanyConfig, generate
from tests.in_process import InProcess

END = date(2026, 6, 30)


def unsuccessful(warehouse: Path) -> list[str]:
    """Nodes of the last dbt run that did not succeed, with their message."""
    results = json.loads((warehouse / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return [
        f"{result['unique_id']}: {result['status']}: {result['message']}"
        for result in results
        if result["status"] not in {"success", "pass", "warn", "no-op"}
    ]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # a folder with a space, because people have those
    warehouse = tmp_path_factory.mktemp("a company")
    generate(warehouse / "landing", CompanyConfig(accounts=60, days=240, end=END, seed=11))
    load_landing(warehouse / "landing", warehouse)
    return warehouse


def test_a_company_builds_with_all_data_and_unit_tests(company: Path) -> None:
    code = InProcess(company, as_of=END).run(["build", "--quiet"])
    assert unsuccessful(company) == []
    assert code == 0
    with duckdb.connect(str(company / BUILD_FILE), read_only=True) as con:
        scored = con.execute("select count(*) from health.fct_health_scores where health_score is not null").fetchall()
    assert scored[0][0] > 1_000


def test_an_empty_warehouse_builds(tmp_path: Path) -> None:
    code = InProcess(tmp_path, as_of=END).run(["build", "--quiet", "--exclude-resource-type", "unit_test"])
    assert unsuccessful(tmp_path) == []
    assert code == 0
