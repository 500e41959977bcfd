"""What a failed data test found: its rows, kept in files, and the first of them in words.

A test computes a sentence per row, and dbt says only how many rows there were. So its SQL is asked once more, of the
build file as the failed build left it.

Belongs here: which tests failed, their rows, the files.
Does not belong here: whether a build failed (run.py), what becomes of it (refresh/steps.py).
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import BuildFileError, open_build_file
from customer_health.transform.run import DbtRun

# under the folder of logs, which forgetting somebody empties
FOLDER = "failed_tests"
ROWS_KEPT = 1000
TESTS_SAID = 3
ROWS_SAID = 3
# what a test calls its sentence
SENTENCE = "problem"


@dataclass(frozen=True)
class FailedTest:
    """A failed test, the first rows that it found, and the file that holds up to ROWS_KEPT of them."""

    name: str
    failures: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    file: Path

    def __str__(self) -> str:
        said = "; ".join(self._said(row) for row in self.rows)
        more = f" and {self.failures - len(self.rows):,} more" if self.failures > len(self.rows) else ""
        return f"{self.name}: {said}{more} ({self.file})"

    def _said(self, row: Sequence[Any]) -> str:
        values = dict(zip(self.columns, row, strict=True))
        if SENTENCE in values:
            return str(values[SENTENCE])
        return ", ".join(f"{name} {value}" for name, value in values.items())


def keep_failing_rows(run: DbtRun) -> list[FailedTest]:
    """Write what the failed tests of the last run find into files, in place of what was kept before.

    A test whose SQL cannot be asked again is left out: it failed as dbt says, and no second fault may hide the first.
    """
    folder = run.log_folder / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    failed = list(_failed(run.target))
    if not failed:
        return []
    folder.mkdir(parents=True)
    found = []
    try:
        with open_build_file(run.warehouse, read_only=True) as con:
            for name, sql, failures in failed:
                try:
                    asked = con.execute(f"select * from ({sql}) as failing limit {ROWS_KEPT}")
                    columns = tuple(column[0] for column in asked.description)
                    rows = asked.fetchall()
                except duckdb.Error:
                    continue
                if rows:
                    file = folder / f"{name}.csv"
                    _write(file, columns, rows)
                    found.append(FailedTest(name, max(failures, len(rows)), columns, tuple(rows[:ROWS_SAID]), file))
    except BuildFileError:
        return found
    return found


def say_failed(tests: Sequence[FailedTest]) -> str:
    """The first few in words; nothing if there are none."""
    more = f"\n  and {len(tests) - TESTS_SAID} failed tests more" if len(tests) > TESTS_SAID else ""
    return "".join(f"\n  {test}" for test in tests[:TESTS_SAID]) + more


def _failed(target: Path) -> Iterator[tuple[str, str, int]]:
    """Name, SQL and number of rows of each data test that found some."""
    try:
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    except (FileNotFoundError, ValueError):
        return
    for result in results:
        if result["status"] == "fail" and result["unique_id"].startswith("test.") and result.get("compiled_code"):
            yield result["unique_id"].split(".")[2], result["compiled_code"], result.get("failures") or 0


def _write(file: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
