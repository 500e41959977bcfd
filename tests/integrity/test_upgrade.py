"""A warehouse of the version before still works: it is refreshed, rolled back and forgotten in, and no column is lost.

The stored one is the example company (12 accounts, 100 days, as of 2026-06-30), built and published by version 0.1.0,
which published one file under the name health.duckdb.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest

from customer_health.reading.published import Publications
from tests.commands import run_command

STORED = Path(__file__).resolve().parents[1] / "fixtures" / "warehouse_of_0.1.0.tar.xz"
AS_OF = "2026-06-30"
# every row of these has to be there again; what its numbers are by now is what CHANGELOG.md tells
SAME_ROWS = {
    "health.dim_accounts": "account_id",
    "health.fct_health_scores": "account_id, date_day, scorecard",
    "health.rpt_account_health_current": "account_id, scorecard",
    "journey.fct_stage_periods": "account_id, spell_number, desired_outcome, path_number, stage",
}


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
    with duckdb.connect() as con:
        con.execute(f"attach '{before}' as before (read_only)")
        con.execute(f"attach '{warehouse / 'customer_health.duckdb'}' as after (read_only)")
        columns = "select table_schema, table_name, column_name from information_schema.columns where table_catalog ="
        assert con.execute(f"{columns} 'before' except {columns} 'after'").fetchall() == []
        for table, key in SAME_ROWS.items():
            for ours, theirs in (("before", "after"), ("after", "before")):
                lost = f"select {key} from {ours}.{table} except select {key} from {theirs}.{table}"
                assert con.execute(lost).fetchall() == [], (ours, table)
    assert (warehouse / "health.duckdb").samefile(warehouse / "customer_health.duckdb")

    assert run_command("rollback", "--warehouse", warehouse, "--to", old.publication_id) == 0
    shown = Publications(warehouse).current()
    assert shown.value("select count(*) from health.rpt_account_health_current") == accounts
    assert "rpt_account_health_in_words" not in str(shown.rows("select table_name from information_schema.tables"))

    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as con:
        [(user,)] = con.execute("select min(user_id) from raw.users where user_id is not null").fetchall()
    assert run_command("forget", "--warehouse", warehouse, "--user", user, "--yes") == 0
    assert Publications(warehouse).current().value("select count(*) from health.rpt_account_health_current") == accounts
