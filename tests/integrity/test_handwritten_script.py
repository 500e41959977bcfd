"""The yardstick of the benchmark makes the very tables that the models make.

Belongs here: that they are equal, and that the comparison would notice if they were not.
Does not belong here: how long anything takes; no test holds a clock.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.case import Case
from benchmarks.handwritten import FINISHED, differences, different_checksums
from benchmarks.refresh import benchmark


@pytest.mark.slow
def test_handwritten_script_makes_the_same_tables(tmp_path: Path) -> None:
    case = Case(tmp_path / "a company", events=60_000, accounts=24, days=420)
    found = benchmark(case, memory_limit="2GB")
    assert found.sizes["metric rows"] > 100_000
    assert found.different == []
    assert min(found.full.peak_bytes, found.by_hand.peak_bytes, found.copies.peak_bytes) > 0
    assert found.full.sql_seconds > 0
    # packages of other ways are installed by `make benchmark` only
    verdicts = [line.rsplit("|", 2)[-2].strip() for line in found.others.splitlines() if "DuckDB |" in line]
    assert len(verdicts) == 2
    assert all(verdict.startswith("0 of ") and verdict != "0 of 0" for verdict in verdicts)


def test_comparison_notices_a_missing_row_and_a_wrong_number(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    with duckdb.connect(str(build)) as con:
        con.execute("create schema intermediate; create schema health")
        for table, key in FINISHED.items():
            columns = ", ".join(f"'a' as {column}" for column in key if column != "date_day")
            con.execute(
                f"create table {table} as select {columns}, date '2026-01-01' as date_day, 1.0::double as value"
            )
    with duckdb.connect(str(tmp_path / "by hand.duckdb")) as con:
        con.execute(f"attach '{build}' as build (read_only)")
        for table in FINISHED:
            con.execute(f"create table {table.split('.')[1]} as from build.{table}")
        assert differences(con) == [] == different_checksums(con)
        con.execute("update int_metrics set value = 1.001; delete from int_scores")
        assert differences(con) == [
            "intermediate.int_metrics: value differs in 1 rows",
            "intermediate.int_scores: rows_of_ours_only differs in 1 rows",
        ]
        assert {line.split(":")[0] for line in different_checksums(con)} == {
            "intermediate.int_metrics",
            "intermediate.int_scores",
        }
