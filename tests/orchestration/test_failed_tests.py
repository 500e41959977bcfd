"""A data test that fails says what it found, and its rows are kept.

Belongs here: a build with failing tests.
Does not belong here: builds that fail otherwise (test_refresh.py).
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.errors import RefreshError
from customer_health.forgetting.traces import forget_in_folders
from customer_health.refresh.steps import assert_built
from customer_health.transform.failed_tests import FOLDER, ROWS_KEPT, keep_failing_rows
from customer_health.transform.run import DbtRun
from tests.reading.book_company import LAST_DAY, book_company

GOVERNED = "assert_configuration_is_governed"


@pytest.fixture
def failing(tmp_path: Path) -> DbtRun:
    """A build whose scorecards were tampered with behind the back of check-config, and its tests run again."""
    warehouse = tmp_path / "a warehouse"
    warehouse.mkdir()
    shutil.copyfile(book_company() / BUILD_FILE, warehouse / BUILD_FILE)
    with duckdb.connect(str(warehouse / BUILD_FILE)) as con:
        con.execute("update configuration.scorecards set next_review_on = date '2020-01-01'")
        con.execute("update health.dim_accounts set account_name = null")
    run = DbtRun(warehouse, as_of=LAST_DAY)
    select = (GOVERNED, "not_null_dim_accounts_account_name")
    assert run.run(["test", "--quiet", "--select", *select]) != 0
    return run


def test_a_failed_test_says_what_it_found(failing: DbtRun) -> None:
    with pytest.raises(RefreshError) as stopped:
        assert_built(failing, succeeded=False, expected=[])
    said = str(stopped.value)
    assert f"{GOVERNED}: " in said
    assert "is overdue for review by 180 days or more" in said
    file = failing.log_folder / FOLDER / f"{GOVERNED}.csv"
    assert str(file) in said
    with file.open(encoding="utf-8", newline="") as opened:
        problems = [row["problem"] for row in csv.DictReader(opened)]
    results = json.loads((failing.target / "run_results.json").read_text(encoding="utf-8"))["results"]
    [counted] = [result["failures"] for result in results if GOVERNED in result["unique_id"]]
    assert len(problems) == counted > 0


def test_a_test_without_sentences_shows_its_columns(failing: DbtRun) -> None:
    [found] = [test for test in keep_failing_rows(failing) if test.name.startswith("not_null")]
    assert found.failures > len(found.rows)
    assert "account_name None" in str(found)
    assert f"and {found.failures - len(found.rows):,} more" in str(found)
    with found.file.open(encoding="utf-8", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == min(found.failures, ROWS_KEPT)


def test_rows_of_an_earlier_run_do_not_stay(failing: DbtRun) -> None:
    assert keep_failing_rows(failing)
    failing.forget_results()
    assert keep_failing_rows(failing) == []
    assert not (failing.log_folder / FOLDER).exists()


def test_forgetting_somebody_removes_the_rows(failing: DbtRun) -> None:
    assert keep_failing_rows(failing)
    forget_in_folders(failing.warehouse)
    assert not list(failing.warehouse.rglob("*.csv"))
