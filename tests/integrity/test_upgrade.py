"""A warehouse of the version before still works: it is refreshed, rolled back and forgotten in, and nothing moves.

The stored one is the example company (12 accounts, 100 days, as of 2026-06-30), built and published by version 0.1.0,
which published one file under the name health.duckdb.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest

from customer_health.reading.compare import compare_files
from customer_health.reading.published import Publications
from tests.commands import run_command

STORED = Path(__file__).resolve().parents[1] / "fixtures" / "warehouse_of_0.1.0.tar.xz"
AS_OF = "2026-06-30"
# what differs on purpose (CHANGELOG.md, 0.2.0), and what hangs on the moment of loading and publishing
MEANT = (
    "health.rpt_account_health_current",
    "health.rpt_account_health_in_words",
    "quality.fct_publications",
    "quality.fct_score_restatements",
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse of before")
    with tarfile.open(STORED) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_an_old_warehouse_goes_on(warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tmp_path / "before.duckdb"
    shutil.copyfile(warehouse / "health.duckdb", before)
    old = Publications(warehouse).current()
    accounts = old.value("select count(*) from health.rpt_account_health_current")
    assert accounts, "what was published before can be read"

    landing = warehouse / "landing"
    assert run_command("refresh", "--warehouse", warehouse, "--landing", landing, "--as-of", AS_OF) == 0
    assert "computing everything anew" in capsys.readouterr().out
    verdicts = compare_files(before, warehouse / "customer_health.duckdb", leave_out=MEANT)
    assert [line for verdict in verdicts if not verdict.is_equal for line in verdict.lines()] == []
    assert (warehouse / "health.duckdb").samefile(warehouse / "customer_health.duckdb")

    assert run_command("rollback", "--warehouse", warehouse, "--to", old.publication_id) == 0
    shown = Publications(warehouse).current()
    assert shown.value("select count(*) from health.rpt_account_health_current") == accounts
    assert "rpt_account_health_in_words" not in str(shown.rows("select table_name from information_schema.tables"))

    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as con:
        [(user,)] = con.execute("select min(user_id) from raw.users where user_id is not null").fetchall()
    assert run_command("forget", "--warehouse", warehouse, "--user", user, "--yes") == 0
    assert Publications(warehouse).current().value("select count(*) from health.rpt_account_health_current") == accounts
