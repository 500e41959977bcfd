"""Marts as CSV: what a spreadsheet would run comes out as text.

Belongs here: the export and its errors.
Does not belong here: how the published file comes about (test_publication.py).
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_health.reading.export import ExportError, export, harmless
from tests.commands import run_command


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    folder = tmp_path / "a warehouse"
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute(f"attach '{folder / 'customer_health.duckdb'}' as published")
        con.execute("create schema published.health")
        con.execute("create table published.health.accounts (name varchar, mrr_usd double, since_on date)")
        names = ['=HYPERLINK("http://x.example")', "+1", "-2+3", "@sum(1)", " =1", "\t=1", "=1", "Ada, Ltd.", None]
        con.executemany(
            "insert into published.health.accounts values (?, ?, ?)", [(name, -5.5, date(2026, 3, 1)) for name in names]
        )
    return folder


@pytest.mark.fault(57)
def test_formulas_come_out_as_text_and_numbers_as_numbers(warehouse: Path) -> None:
    out = warehouse / "accounts.csv"
    assert export(warehouse, "health.accounts", out) == 9
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [
        '\'=HYPERLINK("http://x.example")',
        *("'+1", "'-2+3", "'@sum(1)", "' =1", "'\t=1", "'=1", "Ada, Ltd.", ""),
    ]
    assert {(row["mrr_usd"], row["since_on"]) for row in rows} == {("-5.5", "2026-03-01")}


@given(st.text())
def test_no_text_begins_as_a_formula(text: str) -> None:
    assert not harmless(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert harmless(text).removeprefix("'") == text.removeprefix("'")


def test_what_is_not_there_is_named(warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ExportError, match="there is no mart 'health.nothing'"):
        export(warehouse, "health.nothing", tmp_path / "out.csv")
    arguments = ["--warehouse", str(tmp_path), "--mart", "health.accounts", "--out", str(tmp_path / "out.csv")]
    assert run_command("export", *arguments) == 1
    assert "nothing has been published here yet" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()
