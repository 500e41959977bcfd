"""Compare what a build holds with rows that were worked out on paper.

Expected rows stand in a CSV file: some columns are the key, one tells how the numbers came about, each other one is
compared. Where an expected cell is empty, the value must be null.

Belongs here: reading expected rows, finding their counterparts in a mart, telling where the two differ and why.
Does not belong here: accounts and their numbers (tests/fixtures), or which marts are compared (tests/integrity).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from customer_health.landing.load import load_landing
from tests.pipeline import Warehouse

Row = dict[str, Any]


def every_cell(row: Row, column: str) -> bool:
    return True


@dataclass(frozen=True)
class Golden:
    """A folder with a configuration, landing files and expected_*.csv."""

    folder: Path
    note: str

    def build(self, warehouse_folder: Path, as_of: date, **options: Any) -> Warehouse:
        warehouse = Warehouse(warehouse_folder, self.folder / "configuration")
        loaded_at = datetime.combine(as_of + timedelta(days=1), time(3))
        report = load_landing(self.folder / "landing", warehouse.folder, loaded_at=loaded_at)
        assert all(file.status == "loaded" for file in report.files), report.lines()
        warehouse.build(as_of, **options)
        return warehouse

    def expected(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"expected_{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def disagreements(
        self,
        warehouse: Warehouse,
        table: str,
        name: str,
        keys: Sequence[str],
        is_asked: Callable[[Row, str], bool] = every_cell,
    ) -> list[str]:
        """Where a table differs from expected_<name>.csv, in the cells that are asked."""
        wanted = self.expected(name)
        columns = [column for column in wanted[0] if column != self.note]
        found = {key_of(row, keys): row for row in rows_of(warehouse, table, columns)}
        wrong = []
        for row in wanted:
            key, reason = key_of(row, keys), row[self.note]
            if key not in found:
                wrong.append(f"{key}: there is no such row ({reason})")
                continue
            wrong += [
                f"{key} {column}: expected {row[column]!r}, found {found[key][column]!r} ({reason})"
                for column in columns
                if column not in keys and is_asked(row, column) and not agrees(row[column], found[key][column])
            ]
        return wrong

    def surplus(self, warehouse: Warehouse, table: str, name: str, keys: Sequence[str]) -> list[tuple[str, ...]]:
        """Keys of a table that expected_<name>.csv does not hold."""
        worked_out = {key_of(row, keys) for row in self.expected(name)}
        return sorted({key_of(row, keys) for row in rows_of(warehouse, table, keys)} - worked_out)


def key_of(row: Row, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[key] or "") for key in keys if key in row)


def rows_of(warehouse: Warehouse, table: str, columns: Sequence[str]) -> list[Row]:
    found = warehouse.query(f"select {', '.join(columns)} from {table}")
    return [dict(zip(columns, row, strict=True)) for row in found]


def agrees(given: str, found: Any) -> bool:
    if given == "" or found is None:
        return given == "" and found is None
    if isinstance(found, bool):
        return given == str(found).lower()
    if isinstance(found, str | date):
        return given == str(found)
    return float(given) == pytest.approx(float(found), abs=1e-9)
