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
from tests.in_process import InProcess
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
    run = InProcess(warehouse, as_of=LAST_DAY)
    assert run.run(["test", "--quiet", "--select", GOVERNED]) != 0
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
    """All of ours have sentences; a test of a package need not."""
    results = failing.target / "run_results.json"
    document = json.loads(results.read_text(encoding="utf-8"))
    [result] = [result for result in document["results"] if GOVERNED in result["unique_id"]]
    sql = "select * from (values (1, 'acme'), (2, 'bolt'), (3, 'core'), (4, 'dune')) as rows (number, name)"
    many = "select * from range(1500)"
    document["results"] = [
        {**result, "unique_id": "test.customer_health.numbered.1", "compiled_code": sql, "failures": 4},
        {**result, "unique_id": "test.customer_health.many.2", "compiled_code": many, "failures": 1500},
        {**result, "unique_id": "test.customer_health.gone.3", "compiled_code": "select * from nowhere", "failures": 1},
    ]
    results.write_text(json.dumps(document), encoding="utf-8")
    numbered, longer = keep_failing_rows(failing)
    assert str(numbered) == (
        f"numbered: number 1, name acme; number 2, name bolt; number 3, name core and 1 more ({numbered.file})"
    )
    assert "and 1,497 more" in str(longer)
    with longer.file.open(encoding="utf-8", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == ROWS_KEPT


def test_rows_of_an_earlier_run_do_not_stay(failing: DbtRun) -> None:
    assert keep_failing_rows(failing)
    failing.forget_results()
    assert keep_failing_rows(failing) == []
    assert not (failing.log_folder / FOLDER).exists()


def test_forgetting_somebody_removes_the_rows(failing: DbtRun) -> None:
    assert keep_failing_rows(failing)
    forget_in_folders(failing.warehouse)
    assert not list(failing.warehouse.rglob("*.csv"))
