"""What a run of the gate leaves behind: results, keys, a page, an exit code; and what a person may accept."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE
from expectations import record
from expectations.build import open_build
from expectations.gate import ALL, run_gate
from expectations.thresholds import ThresholdError, Thresholds, read_thresholds
from tests.commands import run_command
from tests.expectations.company import TODAY, copy, holding, judge, result

PROJECT_ROOT = Path(__file__).resolve().parents[2]
RENAMED = f"update intermediate.int_account_days set segment = 'Small' where date_day = date '{TODAY}'"


def test_a_rerun_replaces_the_results_of_its_day_and_keeps_other_days(today: Path, tmp_path: Path) -> None:
    warehouse = copy(today, tmp_path / "warehouse", RENAMED)
    first = run_gate(warehouse, as_of=TODAY - timedelta(days=1), suites=["staged_facts"])
    judge(warehouse, ["staged_facts"])
    second = judge(warehouse, ["staged_facts"])
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        runs = con.execute(
            "select as_of_date, count(distinct run_id), count(*) from build_log.gate_results group by 1 order by 1"
        ).fetchall()
        [(keys,)] = con.execute("select count(*) from build_log.gate_failing_keys").fetchall()
    assert runs == [(TODAY - timedelta(days=1), 1, len(first.results)), (TODAY, 1, len(second.results))]
    assert keys == sum(one.failing_keys for one in (*first.results, *second.results))
    assert record.read_report(warehouse, TODAY) == second


def test_the_build_is_only_read_but_for_the_log(today: Path, tmp_path: Path) -> None:
    warehouse = copy(today, tmp_path / "warehouse")
    before, published = _tables(warehouse), (warehouse / PUBLISHED_FILE).read_bytes()
    judge(warehouse)
    after = _tables(warehouse)
    assert {name for name in after if name not in before} <= {
        "build_log.gate_results",
        "build_log.gate_failing_keys",
        "build_log.gate_acceptances",
    }
    assert {name: after[name] for name in before if not name.startswith("build_log.gate")} == {
        name: rows for name, rows in before.items() if not name.startswith("build_log.gate")
    }
    assert (warehouse / PUBLISHED_FILE).read_bytes() == published


def test_the_command_tells_and_ends_as_the_gate_does(today: Path, tmp_path: Path) -> None:
    """In a process of its own, from an empty folder that is still empty afterwards, and without a network."""
    warehouse = copy(today, tmp_path / "a warehouse", RENAMED)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "customer_health", "gate", "--warehouse", str(warehouse), "--as-of", str(TODAY)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HOME": str(elsewhere),
    }
    ran = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert "FAILED: staged_facts/known_segments: 0 of 55 customers" in ran.stdout
    assert "Calculating Metrics" not in ran.stderr
    assert not [path for path in elsewhere.rglob("*") if path.is_file()]
    ran = subprocess.run([*command, "--suite", "raw_arrivals"], env=environment, cwd=elsewhere, check=False)
    assert ran.returncode == 0


def test_reading_a_report_imports_no_great_expectations() -> None:
    code = (
        "import sys, expectations.report, expectations.record, expectations.gate, expectations.results_page;"
        "sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0


def test_a_person_accepts_one_check_for_one_day(
    today: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = copy(today, tmp_path / "warehouse", RENAMED)
    given = ["--warehouse", str(warehouse), "--as-of", str(TODAY), "--by", "R. Berg", "--reason", "renamed on purpose"]
    assert holding(judge(warehouse, ["staged_facts"])) == {"staged_facts/known_segments"}
    assert run_command("accept", *given, "--check", "marts/restated") == 1
    assert "what holds it: staged_facts/known_segments" in capsys.readouterr().err
    assert run_command("accept", *given, "--check", "staged_facts/known_segments") == 0
    report = judge(warehouse, ["staged_facts"])
    accepted = result(report, "staged_facts/known_segments")
    assert report.passed and not accepted.passed, "it still shows as failed"
    assert accepted.reason.startswith("Accepted by R. Berg for this day: renamed on purpose. ")
    assert not run_gate(warehouse, as_of=TODAY - timedelta(days=1), suites=["staged_facts"]).warnings


def test_what_did_not_run_cannot_be_accepted(today: Path, tmp_path: Path) -> None:
    warehouse = copy(today, tmp_path / "warehouse", "drop table intermediate.int_source_days cascade")
    judge(warehouse, ["raw_arrivals"])
    given = ["--warehouse", str(warehouse), "--as-of", str(TODAY), "--by", "R. Berg", "--reason", "hurry"]
    assert run_command("accept", *given, "--check", "raw_arrivals/suite") == 1


def test_a_report_without_any_run(today: Path, tmp_path: Path) -> None:
    warehouse = copy(today, tmp_path / "warehouse", "drop table if exists build_log.gate_results")
    assert record.read_report(warehouse) is None


def test_the_limits_of_a_company_replace_ours_row_by_row(today: Path, tmp_path: Path) -> None:
    strict = copy(
        today,
        tmp_path / "strict",
        "update configuration.gate_thresholds set value = 0.999, set_on = date '2026-12-01', rationale = 'Ours'"
        " where gate_check = 'coverage' and threshold = 'least_share'",
        "delete from configuration.gate_thresholds where gate_check <> 'coverage'",
        "update intermediate.int_health_scores set health_score = null"
        f" where date_day = date '{TODAY}' and rowid % 20 = 0",
    )
    found = result(judge(strict, ["marts"]), "marts/coverage")
    assert found.holds and found.reason.startswith("2026-12-01: Ours. ")
    with duckdb.connect(str(strict / BUILD_FILE)) as con:
        con.execute("insert into configuration.gate_thresholds values ('coverage', 'least', 1, current_date, 'typo')")
        with pytest.raises(ThresholdError, match="no check 'coverage' has a limit 'least'"):
            read_thresholds(con)
    assert not judge(strict).passed, "a limit that nothing reads is a mistake, not a detail"


@dataclass(frozen=True)
class Noting(Thresholds):
    """Limits that note which of them were asked for."""

    asked: set[tuple[str, str]] = field(default_factory=set)

    def value(self, check: str, name: str) -> float:
        self.asked.add((check, name))
        return super().value(check, name)


def test_every_limit_is_read_and_carries_a_day_and_a_reason(today: Path) -> None:
    with open_build(today, TODAY) as build:
        noting = Noting(build.thresholds.rows)
        for is_published in (True, False):
            for suite in ALL:
                checks = importlib.import_module(f"expectations.{suite}").checks
                assert all(
                    check.reason for check in checks(replace(build, thresholds=noting, is_published=is_published))
                )
        assert noting.asked == set(build.thresholds.rows)
        assert all(row.rationale and row.set_on > date(2020, 1, 1) for row in build.thresholds.rows.values())


def test_the_time_of_the_run_is_kept(today: Path, tmp_path: Path) -> None:
    warehouse = copy(today, tmp_path / "warehouse")
    now = datetime(2026, 7, 1, 3, 15, tzinfo=UTC)
    run_gate(warehouse, as_of=TODAY, suites=["staged_facts"], now=now)
    found = record.read_report(warehouse, TODAY)
    assert found is not None and found.ran_at == now


def _tables(warehouse: Path) -> dict[str, int]:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        rows = con.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables() where not temporary"
        ).fetchall()
    return dict(rows)
