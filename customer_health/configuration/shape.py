"""Check the files of a configuration against `_seeds.yml`: columns, types, allowed values, keys and references.

Belongs here: what can be judged from one value and the file's contract.
Does not belong here: what the values mean together (scorecards.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from customer_health.configuration.folder import ColumnContract, Configuration, Row, SeedFile, display
from customer_health.core.words import did_you_mean

ERROR = "error"
WARN = "warn"
REASONS = ("rationale", "reason", "description", "note")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Violation:
    """One broken rule, with the row that breaks it."""

    file: str
    line: int | None
    rule: str
    severity: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{place}: {self.message} [{self.severity}: {self.rule}]"


def at(row: Row, rule: str, message: str, severity: str = ERROR) -> Violation:
    """A violation of this row."""
    return Violation(row.file, row.line, rule, severity, message)


def as_date(text: str) -> date | None:
    """The day that the text names, None where it names none."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def check_files(configuration: Configuration) -> Iterator[Violation]:
    """Files that are missing, unknown, there twice, or not readable."""
    for name in configuration.missing:
        message = f"{name}.csv is missing; only the company itself can say what belongs there"
        yield Violation(display(configuration.folder), None, "file_missing", ERROR, message)
    for path in configuration.unknown:
        name = path.rsplit("/", 1)[-1]
        hint = did_you_mean(name, (contract.file_name for contract in configuration.contracts.values()))
        message = f"no part of the configuration is called '{name}'{hint}"
        yield Violation(path, None, "file_unknown", ERROR, message)
    for path, message in configuration.overlooked:
        yield Violation(path, None, "file_overlooked", ERROR, message)
    for path, first in configuration.twice:
        yield Violation(path, None, "file_twice", ERROR, f"the same file is also at {first}; keep one of them")
    for name, seed in configuration.files.items():
        if name not in configuration.from_default:
            for problem in seed.problems:
                yield Violation(seed.file, problem.line, problem.rule, ERROR, problem.message)


def check_columns(configuration: Configuration) -> Iterator[Violation]:
    """Headers that differ from the contract."""
    for name, seed in configuration.files.items():
        if name in configuration.from_default or not seed.header:
            continue
        expected = list(configuration.contracts[name].columns)
        if len(seed.header) == 1 and len(expected) > 1 and (";" in seed.header[0] or "\t" in seed.header[0]):
            yield Violation(seed.file, 1, "columns", ERROR, "the columns must be separated by commas")
            continue
        columns = configuration.contracts[name].columns
        missing = [column for column in expected if column not in seed.header and not columns[column].is_completed]
        for column in seed.header:
            if column not in expected:
                hint = did_you_mean(column, missing)
                yield Violation(seed.file, 1, "columns", ERROR, f"column '{column}' is not known{hint}")
        for column in missing:
            yield Violation(seed.file, 1, "columns", ERROR, f"column '{column}' is missing")
        for column in sorted({column for column in seed.header if seed.header.count(column) > 1}):
            yield Violation(seed.file, 1, "columns", ERROR, f"column '{column}' is there twice")


def _check_type(row: Row, column: ColumnContract, value: str) -> Violation | None:
    if column.type == "double" and not _NUMBER.fullmatch(value):
        return at(row, "not_a_number", f"{column.name} '{value}' is not a number")
    if column.type == "integer" and not _WHOLE_NUMBER.fullmatch(value):
        return at(row, "not_a_number", f"{column.name} '{value}' is not a whole number")
    if column.type == "date" and as_date(value) is None:
        return at(row, "not_a_date", f"{column.name} '{value}' is not a date like 2026-01-31")
    if column.type == "boolean" and value not in ("true", "false"):
        return at(row, "not_a_boolean", f"{column.name} '{value}' is neither true nor false")
    return None


def _check_value(row: Row, column: ColumnContract) -> Violation | None:
    value = row[column.name]
    if not value.strip():
        if not column.required:
            return None
        if column.name in REASONS:
            return at(row, "reason_missing", f"{column.name} is empty; a number without its reason cannot be reviewed")
        return at(row, "value_missing", f"{column.name} is empty")
    if column.values and value not in column.values:
        allowed = ", ".join(column.values)
        hint = did_you_mean(value, column.values)
        return at(row, "value_not_allowed", f"{column.name} '{value}' is none of {allowed}{hint}")
    return _check_type(row, column, value)


def check_values(configuration: Configuration) -> Iterator[Violation]:
    """Values that are empty, of another type, or not among the allowed ones."""
    for name, seed in configuration.files.items():
        if name in configuration.from_default:
            continue
        for column in configuration.contracts[name].columns.values():
            if column.name in seed.header:
                yield from (found for row in seed.rows if (found := _check_value(row, column)))


def check_references(configuration: Configuration) -> Iterator[Violation]:
    """Names that another file does not hold."""
    known: dict[tuple[str, str], set[str]] = {}
    for name, seed in configuration.files.items():
        if name in configuration.from_default:
            continue
        for column in configuration.contracts[name].columns.values():
            if column.references is None or column.name not in seed.header:
                continue
            names = known.setdefault(
                column.references, {row[column.references[1]] for row in configuration.rows(column.references[0])}
            )
            for row in seed.rows:
                value = row[column.name]
                if value and value not in names:
                    hint = did_you_mean(value, names)
                    message = f"{column.references[1]} '{value}' is not in {column.references[0]}.csv{hint}"
                    yield at(row, "unknown_name", message)


def _duplicates(seed: SeedFile, key: tuple[str, ...]) -> Iterator[Violation]:
    first: dict[tuple[str, ...], Row] = {}
    for row in seed.rows:
        values = tuple(row[column] for column in key)
        if values in first:
            named = ", ".join(f"{column} '{row[column]}'" for column in key if row[column])
            yield at(row, "duplicate_row", f"{named} is already in line {first[values].line}")
        else:
            first[values] = row


def check_keys(configuration: Configuration) -> Iterator[Violation]:
    """Rows whose key is there twice."""
    for name, seed in configuration.files.items():
        key = configuration.contracts[name].key
        if name not in configuration.from_default and all(column in seed.header for column in key):
            yield from _duplicates(seed, key)


def check_shape(configuration: Configuration) -> Iterator[Violation]:
    """Everything that the contract of each file says."""
    yield from check_files(configuration)
    yield from check_columns(configuration)
    yield from check_values(configuration)
    yield from check_references(configuration)
    yield from check_keys(configuration)
