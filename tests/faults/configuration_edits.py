"""A configuration is edited in one place, and the one violation that follows is looked for.

Belongs here: small edits of a configuration folder, a case and how it is judged.
Does not belong here: the cases themselves (test_configuration.py, test_journey_configuration.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from customer_health.configuration.folder import SeedFile, read_seed
from customer_health.configuration.release import Editor
from customer_health.configuration.scorecards import check_configuration

TODAY = date(2026, 12, 1)
METRICS = "scorecards/metrics.csv"
BENCHMARKS = "scorecards/benchmarks.csv"
SCORECARDS = "scorecards/scorecards.csv"
WEIGHTS = "scorecards/scorecard_metrics.csv"
RULES = "scorecards/score_rules.csv"
GRADES = "scorecards/grades.csv"
RELEASED = "scorecards/released_versions.csv"
OUTCOMES = "outcomes/desired_outcomes.csv"
BANDS = "mappings/tenure_bands.csv"
EVENTS = "mappings/product_event_measures.csv"
LIMITS = "quality/gate_thresholds.csv"

Edit = Callable[[Path], int | None]


def seed_of(folder: Path, file: str) -> SeedFile:
    """The file as it stands in the folder."""
    return read_seed(Path(file).stem, folder / file)


def change(file: str, where: dict[str, str], **values: str) -> Edit:
    """Change values of the first row that matches; returns its line."""

    def edit(folder: Path) -> int:
        seed = seed_of(folder, file)
        line = next(row.line for row in seed.rows if all(row[column] == value for column, value in where.items()))
        editor = Editor(seed)
        editor.change(line, values)
        editor.write()
        return line

    return edit


def append(file: str, text: str) -> Edit:
    """Add a line at the end; returns its number."""

    def edit(folder: Path) -> int:
        path = folder / file
        before = path.read_text(encoding="utf-8")
        path.write_text(before + text + "\n", encoding="utf-8")
        return before.count("\n") + 1

    return edit


def remove(file: str, where: dict[str, str]) -> Edit:
    """Remove all rows that match; returns no line, since the rest moves."""

    def edit(folder: Path) -> None:
        seed = seed_of(folder, file)
        editor = Editor(seed)
        gone = {row.line for row in seed.rows if all(row[column] == value for column, value in where.items())}
        assert gone, f"no row of {file} matches {where}"
        editor.records = [record for record in editor.records if record[0] not in gone]
        editor.write()

    return edit


def write(file: str, content: bytes) -> Edit:
    """Replace a whole file."""

    def edit(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)

    return edit


def several(*edits: Edit) -> Edit:
    """Make several edits; the line of the last one counts."""

    def edit(folder: Path) -> int | None:
        return [each(folder) for each in edits][-1]

    return edit


def delete(file: str) -> Edit:
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


@dataclass(frozen=True)
class Case:
    """An edit, and where and how it must be reported; `line` -1 means the line that the edit returns."""

    name: str
    edit: Edit
    file: str
    rule: str
    severity: str = "error"
    line: int | None = -1
    says: str = ""
    also: tuple[str, ...] = ()


def assert_reported(folder: Path, case: Case) -> None:
    """Make the edit: it is reported at its place, and nothing else is."""
    line = case.edit(folder)
    found = [each for each in check_configuration(folder, TODAY) if each.rule != "version_not_released"]
    matching = [
        each
        for each in found
        if Path(each.file) == folder / case.file and each.rule == case.rule and each.severity == case.severity
    ]
    assert matching, "\n".join(map(str, found))
    expected = line if case.line == -1 else case.line
    if expected is not None or case.line is None:
        assert expected in [each.line for each in matching], "\n".join(map(str, matching))
    assert any(case.says in each.message for each in matching), "\n".join(map(str, matching))
    allowed = {case.rule, *case.also} | ({"weights_total"} if case.file == WEIGHTS else set())
    assert {each.rule for each in found} <= allowed, "\n".join(map(str, found))
