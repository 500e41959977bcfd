"""A wrong cell anywhere in the configuration is named with its file and line: hundreds of random ones, no build.

Belongs here: one wrong cell at a time, in every file and column of the project's own configuration.
Does not belong here: vars and rules between rows (test_configuration.py, test_journey_configuration.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from customer_health.configuration.cell_checks import NUMBERS, load_cell_contract
from customer_health.configuration.folder import ColumnContract, Configuration, load_configuration, load_contracts
from customer_health.configuration.scorecards import violations_of
from customer_health.core.settings import DEFAULT_CONFIG

DAY = date(2026, 6, 30)
TRIED = 100
NUMBERS_WRONG = (
    "abc",
    "nan",
    "inf",
    "-inf",
    "1e99",
    "-99999999999",
    "99999999999",
    "٣",
    "３",
    "1,5",
    "0x10",
    " 5",
    "5 ",
    "5%",
)
DATES_WRONG = (
    "yesterday",
    "2026-13-01",
    "2026-02-30",
    "01/02/2026",
    "٢٠٢٦-01-01",
    " 2026-01-01",
    "0001-01-01",
    "9999-12-31",
)
FLAGS_WRONG = ("TRUE", "yes", "1", " true", "wahr", "false ")
NAMES_WRONG = (
    "it's",
    'a"b',
    "{{ 1 }}",
    "a b",
    " adoption",
    "adoption ",
    "\u0430doption",
    "a;b",
    "a\u200bb",
    "a\u00a0b",
    "--",
    "x" * 100,
)
# what any text may not hold
TEXTS_WRONG = ("zero\u200bwidth", "no\u00a0break", "bell\x07", "mirror\u202e")


@dataclass(frozen=True)
class Wrong:
    """One cell, and what stands in it instead."""

    file: str
    column: str
    row: int
    value: str

    @property
    def place(self) -> str:
        return f"{self.file}.csv line {self.row + 2} {self.column} {self.value!r}"


@pytest.fixture(scope="module")
def sound() -> Configuration:
    return load_configuration(DEFAULT_CONFIG)


def wrong_values(file: str, column: ColumnContract) -> tuple[str, ...]:
    """Values that this column cannot mean."""
    missing = ("", " ") if column.required else ()
    if column.type in NUMBERS:
        return (*NUMBERS_WRONG, *missing)
    if column.type == "date":
        return (*DATES_WRONG, *missing)
    if column.type == "boolean":
        return (*FLAGS_WRONG, *missing)
    if column.values or column.references or "kind" in load_cell_contract().get(file, {}).get(column.name, {}):
        return (*NAMES_WRONG, *missing)
    return (*TEXTS_WRONG, *missing)


def random_cells(configuration: Configuration, seed: int) -> Iterator[Wrong]:
    pick = random.Random(seed)
    columns = [
        (name, column)
        for name, contract in sorted(configuration.contracts.items())
        for column in contract.columns.values()
        if configuration.rows(name) and name != "released_versions"
    ]
    for _ in range(TRIED):
        name, column = pick.choice(columns)
        row = pick.randrange(len(configuration.rows(name)))
        yield Wrong(name, column.name, row, pick.choice(wrong_values(name, column)))


def with_cell(sound: Configuration, wrong: Wrong) -> Configuration:
    seed = sound.files[wrong.file]
    rows = list(seed.rows)
    rows[wrong.row] = replace(rows[wrong.row], values={**rows[wrong.row].values, wrong.column: wrong.value})
    return replace(sound, files={**sound.files, wrong.file: replace(seed, rows=rows)})


def is_named(sound: Configuration, wrong: Wrong, before: set[Any]) -> bool:
    """Whether a new message names the file and the line of the cell."""
    told = set(violations_of(with_cell(sound, wrong), DAY)) - before
    line = sound.files[wrong.file].rows[wrong.row].line
    return any(found.file.endswith(f"{wrong.file}.csv") and found.line == line for found in told)


@pytest.mark.fault(67)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 9))])
def test_a_wrong_cell_is_named_with_file_and_line(sound: Configuration, seed: int) -> None:
    before = set(violations_of(sound, DAY))
    tried = list(random_cells(sound, seed))
    passed = [wrong.place for wrong in tried if not is_named(sound, wrong, before)]
    assert len({wrong.file for wrong in tried}) >= 15
    assert passed == []


@pytest.mark.parametrize(
    ("file", "column", "value", "rule"),
    [
        ("exchange_rates", "usd_per_unit", "7", "out_of_range"),
        ("exchange_rates", "currency", "usd", "not_a_name"),
        ("measures", "raw_table", "usage_evnts", "unknown_name"),
        ("metrics", "window_days", "0", "out_of_range"),
        ("metrics", "window_days", "10000", "out_of_range"),
        ("metrics", "window_days", "٢٨", "not_a_number"),
        ("grades", "grade", "A' or 1=1", "not_a_name"),
        ("segments", "segment", "smb ", "blank_around"),
    ],
)
def test_what_used_to_pass_is_named(sound: Configuration, file: str, column: str, value: str, rule: str) -> None:
    told = violations_of(with_cell(sound, Wrong(file, column, 0, value)), DAY)
    line = sound.files[file].rows[0].line
    assert rule in {found.rule for found in told if found.file.endswith(f"{file}.csv") and found.line == line}


def test_a_metric_divided_by_itself_is_named(sound: Configuration) -> None:
    number = next(n for n, row in enumerate(sound.rows("metrics")) if row["denominator_measure"])
    measure = sound.rows("metrics")[number]["measure"]
    told = violations_of(with_cell(sound, Wrong("metrics", "denominator_measure", number, measure)), DAY)
    assert "divided_by_itself" in {found.rule for found in told}


def test_every_number_of_the_seeds_has_a_range_and_the_contract_names_no_other_column() -> None:
    seeds, cells = load_contracts(), load_cell_contract()
    numbers = {(file, c.name) for file, s in seeds.items() for c in s.columns.values() if c.type in NUMBERS}
    ranges = {
        (file, name) for file, columns in cells.items() for name, wanted in columns.items() if "at_most" in wanted
    }
    assert ranges == numbers
    assert all(name in seeds[file].columns for file, columns in cells.items() for name in columns)
