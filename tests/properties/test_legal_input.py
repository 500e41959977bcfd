"""What the raw contract and the configuration allow builds, to its end, with every test of the build in it.

Belongs here: columns that are absent, empty or written in capitals; tables and rows of the configuration left out.
Does not belong here: rows that are wrong (tests/faults), or what metrics say of what is missing (test_absence.py).
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.landing.load import load_landing
from tests.commands import run_command
from tests.in_process import InProcess
from tests.properties.legal_input import AS_OF, CONTRACT, Place, company, optional_columns, write

ACCOUNTS = ("everything", "second", "third")


def unsuccessful(warehouse: Path) -> list[str]:
    results = json.loads((warehouse / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    sound = {"success", "pass", "warn", "no-op"}
    return [f"{one['unique_id']}: {one['message']}" for one in results if one["status"] not in sound]


def build(warehouse: Path, as_of: date = AS_OF) -> None:
    report = load_landing(warehouse / "landing", warehouse)
    assert all(file.status == "loaded" for file in report.files), report.lines()
    InProcess(warehouse, as_of=as_of).run(["build", "--quiet", "--exclude-resource-type", "unit_test"])
    assert unsuccessful(warehouse) == []


def test_any_optional_value_may_be_empty_in_any_row_under_names_in_capitals(tmp_path: Path) -> None:
    """An account for each optional column, in whose rows it is empty, beside one that fills everything."""
    empty_for = {f"without-{table}-{column}".replace("_", "-"): (table, column) for table, column in optional_columns()}

    def is_left_empty(account: str, table: str, column: str) -> bool:
        return empty_for.get(account) == (table, column)

    write(tmp_path / "landing", company([*ACCOUNTS, *empty_for], is_left_empty), shout=True)
    build(tmp_path)
    with duckdb.connect(str(tmp_path / "build.duckdb"), read_only=True) as con:
        customers = con.execute("select count(*) from health.dim_accounts where is_customer").fetchall()
        unnamed = con.execute(
            "select account_name from health.dim_accounts where account_id = 'without-accounts-name'"
        ).fetchall()
        findings = con.execute(
            "select detail from quality.fct_quality_findings where finding = 'unknown_subscription'"
        ).fetchall()
    # an account whose only contract has no amount or no seats is a customer all the same
    assert customers == [(len(ACCOUNTS) + len(empty_for),)]
    assert unnamed == [("without-accounts-name",)]
    # the account whose contract has no id; a line without one points nowhere wrong
    [(detail,)] = findings
    assert detail.startswith("1 line of 1 subscription")


@pytest.mark.slow
@pytest.mark.parametrize("source", CONTRACT.sources)
def test_a_source_may_leave_out_every_optional_column(source: str, tmp_path: Path) -> None:
    absent = optional_columns([table for table in CONTRACT.tables.values() if table.source == source])
    write(tmp_path / "landing", company(ACCOUNTS), left_out=absent)
    build(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["subscriptions", "invoice_lines"])
def test_one_of_two_systems_may_export_no_contract_ids(table: str, tmp_path: Path) -> None:
    write(tmp_path / "landing", company(ACCOUNTS), left_out=[(table, "subscription_id")])
    build(tmp_path)


def test_contracts_alone_are_published_under_the_smallest_configuration(tmp_path: Path) -> None:
    """Two tables, only the columns that they must have, nobody new since months; no milestones, no surplus measures."""
    absent: list[Place] = optional_columns()
    rows = company(ACCOUNTS)
    contracts = {table: rows[table] for table in ("accounts", "subscriptions")}
    write(tmp_path / "landing", contracts, left_out=absent)
    config = smallest_configuration(tmp_path / "configuration")
    warehouse = tmp_path / "warehouse"
    given = ["--landing", tmp_path / "landing", "--config", config, "--warehouse", warehouse, "--as-of", str(AS_OF)]
    assert run_command("refresh", *given) == 0
    with duckdb.connect(str(warehouse / PUBLISHED_FILE), read_only=True) as con:
        statuses = dict(
            con.execute(
                "select metric, any_value(value_status) from health.fct_metric_points"
                f" where date_day = date '{AS_OF}' group by 1"
            ).fetchall()
        )
        names = con.execute("select account_name from health.dim_accounts order by 1").fetchall()
    assert names == [(account,) for account in sorted(ACCOUNTS)]
    assert statuses["usage_events_28d"] == statuses["champions_active"] == "not_instrumented"
    assert statuses["tenure_days"] == "observed"


def smallest_configuration(folder: Path) -> Path:
    """Ours, without milestones and what hangs on them, and without measures that no metric reads."""
    shutil.copytree(DEFAULT_CONFIG, folder)
    for name in ("milestones", "released_versions", "stages", "outcome_packages"):
        _keep_rows(folder, name, lambda row: False)
    read = {row[column] for row in _rows(folder, "metrics") for column in ("measure", "denominator_measure")}
    _keep_rows(folder, "measures", lambda row: row["measure"] in read)
    known = {row["measure"] for row in _rows(folder, "measures")}
    for name in ("product_event_measures", "engagement_measures"):
        _keep_rows(folder, name, lambda row: row["measure"] in {*known, ""})
    return folder


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    [path] = folder.rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _keep_rows(folder: Path, name: str, is_kept: Callable[[dict[str, str]], bool]) -> None:
    [path] = folder.rglob(f"{name}.csv")
    rows = _rows(folder, name)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if is_kept(row))
