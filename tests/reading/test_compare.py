"""Comparing two files: each kind of difference is told, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from customer_health.reading.compare import compare_files
from tests.commands import run_command

ROWS = "(1, date '2026-01-01', 'a', 0.1), (1, date '2026-01-02', 'b', 0.2), (2, date '2026-01-01', null, null)"


def write(path: Path, rows: str = ROWS, columns: str = "account_id, date_day, grade, score") -> Path:
    with duckdb.connect(str(path)) as con:
        con.execute(f"create schema health; create table health.scores as from (values {rows}) as t({columns})")
        con.execute("alter table health.scores alter score type double" if "score" in columns else "select 1")
    return path


def told(tmp_path: Path, rows: str, columns: str = "account_id, date_day, grade, score", **options: object) -> str:
    before = write(tmp_path / "before.duckdb")
    after = write(tmp_path / "after.duckdb", rows, columns)
    [verdict] = compare_files(before, after, **options)
    return "; ".join(verdict.problems)


def test_equal_files_are_equal_whatever_the_order(tmp_path: Path) -> None:
    turned = "(2, date '2026-01-01', null, null), (1, date '2026-01-02', 'b', 0.2), (1, date '2026-01-01', 'a', 0.1)"
    assert told(tmp_path, turned) == ""


def test_doubles_are_equal_up_to_a_share(tmp_path: Path) -> None:
    rows = ROWS.replace("0.2)", "0.20000000001)")
    assert told(tmp_path, rows) == ""
    [verdict] = compare_files(tmp_path / "before.duckdb", tmp_path / "after.duckdb", relative=0)
    assert verdict.problems == ["score differs in 1 rows, such as (1, 2026-01-02, 0.2, 0.20000000001)"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS.replace("'b'", "'c'"), "grade differs in 1 rows, such as (1, 2026-01-02, b, c)"),
        (ROWS.replace("null, null", "'a', null"), "grade differs in 1 rows, such as (2, 2026-01-01, None, a)"),
        (ROWS.replace("0.2)", "null)"), "score differs in 1 rows"),
        (ROWS + ", (3, date '2026-01-01', 'a', 1.0)", "1 rows only in the second, such as (3, 2026-01-01)"),
        (ROWS.rpartition(", (")[0], "1 rows only in the first, such as (2, 2026-01-01)"),
        (ROWS.replace("(2,", "(7,"), "1 rows only in the first, such as (2, 2026-01-01); 1 rows only in the second"),
    ],
)
def test_each_difference_is_told(tmp_path: Path, rows: str, said: str) -> None:
    assert said in told(tmp_path, rows)


def test_columns_that_are_gone_or_new_are_told_unless_left_out(tmp_path: Path) -> None:
    said = told(tmp_path, ROWS, "account_id, date_day, letter, score")
    assert said == "columns only in the first: grade; columns only in the second: letter"


def test_the_command_fails_on_a_difference_and_not_on_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = write(tmp_path / "a.duckdb"), write(tmp_path / "b.duckdb", ROWS.replace("'b'", "'c'"))
    assert run_command("compare", before, after) == 1
    assert "health.scores: 3 rows, DIFFERENT" in capsys.readouterr().out
    assert run_command("compare", before, after, "--leave-out", "health.scores.grade") == 0
    assert "1 of 1 tables are equal" in capsys.readouterr().out


def test_folders_of_parquet_are_compared_like_files(tmp_path: Path) -> None:
    """What another engine hands over."""
    before = write(tmp_path / "a.duckdb")
    folder = tmp_path / "parquet" / "health"
    folder.mkdir(parents=True)
    with duckdb.connect(str(before), read_only=True) as con:
        con.execute(f"copy health.scores to '{folder / 'scores.parquet'}' (format parquet)")
    [verdict] = compare_files(before, tmp_path / "parquet")
    assert verdict.is_equal and verdict.rows == (3, 3)
