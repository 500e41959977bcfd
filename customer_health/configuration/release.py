"""Make new versions, and freeze those that are in use.

Belongs here: copying a scorecard's newest version to the next one, writing released_versions.csv.
Does not belong here: what a version consists of and its hash (versions.py), rules
(scorecards.py).
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from customer_health.configuration.folder import (
    Configuration,
    ConfigurationError,
    Row,
    SeedFile,
    load_configuration,
    read_records,
    read_text,
)
from customer_health.configuration.scorecards import check_configuration
from customer_health.configuration.shape import ERROR, as_date
from customer_health.configuration.versions import Version, row_hash, versions
from customer_health.core.words import did_you_mean

REVIEW_AFTER_DAYS = 180  # half a year gathers enough renewals to judge a scorecard by
RELEASES = "released_versions"


@dataclass(frozen=True)
class NewVersion:
    """What scorecard-version did."""

    scorecard: str
    version: int
    effective_from: date
    scorecards_file: str
    weights_file: str
    weight_lines: tuple[int, int]
    closed: tuple[int, ...]


# ------------------------------------------------------------------------------------------ editing CSV text
def raw_fields(text: str) -> list[str]:
    """A record's fields as they are written, quotes included, without the line end."""
    fields = [""]
    quoted = False
    for character in text.rstrip("\r\n"):
        quoted ^= character == '"'
        if character == "," and not quoted:
            fields.append("")
        else:
            fields[-1] += character
    return fields


def _written(value: str) -> str:
    # the writer quotes what occurs in its line end, so both characters must be in it
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerow([value, "x"])
    return stream.getvalue().removesuffix(",x\r\n")


def with_values(text: str, header: list[str], changes: Mapping[str, str]) -> str:
    """The record with some values changed and everything else, the line end too, as it was."""
    fields = raw_fields(text)
    for column, value in changes.items():
        fields[header.index(column)] = _written(value)
    return ",".join(fields) + text[len(text.rstrip("\r\n")) :]


def _ended(text: str, line_end: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + line_end


def _replace_file(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


class Editor:
    """A file's records by line; writes back exactly what was not changed."""

    def __init__(self, seed: SeedFile) -> None:
        self.seed = seed
        self.text = read_text(seed.path)
        self.mark = seed.path.read_bytes().startswith(b"\xef\xbb\xbf")
        self.records = [(line, original) for line, original, _ in read_records(self.text)]
        self.line_end = "\r\n" if self.records[0][1].endswith("\r\n") else "\n"

    def change(self, line: int, changes: Mapping[str, str]) -> None:
        """Change values of the record that begins on this line."""
        self.records = [
            (at, with_values(original, self.seed.header, changes) if at == line else original)
            for at, original in self.records
        ]

    def insert_after(self, line: int | None, new: Iterable[str]) -> tuple[int, int]:
        """Insert records behind the one of this line (None: at the end); first and last new line."""
        position = len(self.records) if line is None else [at for at, _ in self.records].index(line) + 1
        added = [_ended(text, self.line_end) for text in new]
        before = [_ended(text, self.line_end) for _, text in self.records[:position]]
        self.records = [(0, text) for text in before + added] + self.records[position:]
        first = sum(text.count("\n") for text in before) + 1
        last = first + sum(text.count("\n") for text in added[:-1])
        return first, last

    def write(self) -> None:
        """Replace the file in one step."""
        _replace_file(self.seed.path, ("\ufeff" if self.mark else "") + "".join(text for _, text in self.records))


# ----------------------------------------------------------------------------------------- scorecard-version
def _version_number(row: Row) -> int:
    if not row["version"].isdigit():
        raise ConfigurationError(f"{row.file} line {row.line}: version '{row['version']}' is not a whole number")
    return int(row["version"])


def _own_file(configuration: Configuration, name: str) -> SeedFile:
    if not configuration.is_own(name) or configuration.files[name].problems:
        raise ConfigurationError(f"{configuration.file(name)}: the file is missing or cannot be read; run check-config")
    return configuration.files[name]


def _check_start(newest: Row, effective_from: date) -> None:
    start = as_date(newest["effective_from"])
    if start is None or effective_from <= start:
        message = f"version {newest['version']} starts on {newest['effective_from']}; the next one must start later"
        raise ConfigurationError(f"{newest.file} line {newest.line}: {message}")


def scorecard_version(config: Path, scorecard: str, effective_from: date) -> NewVersion:
    """Copy the newest version of a scorecard to the next one, and close the champion it follows."""
    configuration = load_configuration(config)
    cards = _own_file(configuration, "scorecards")
    weights = _own_file(configuration, "scorecard_metrics")
    of_card = [row for row in cards.rows if row["scorecard"] == scorecard]
    if not of_card:
        hint = did_you_mean(scorecard, {row["scorecard"] for row in cards.rows})
        raise ConfigurationError(f"{cards.file}: there is no scorecard '{scorecard}'{hint}")
    # a challenger is tried beside the champion, which is the one to go on from
    newest = max([row for row in of_card if row["status"] != "challenger"] or of_card, key=_version_number)
    _check_start(newest, effective_from)
    number = max(_version_number(row) for row in of_card) + 1
    copied = [row for row in weights.rows if (row["scorecard"], row["version"]) == (scorecard, newest["version"])]
    if not copied:
        message = f"scorecard '{scorecard}' version {newest['version']} has no rows to copy"
        raise ConfigurationError(f"{weights.file}: {message}")
    for row in weights.rows:
        if (row["scorecard"], row["version"]) == (scorecard, str(number)):
            message = f"there are weights of version {number} already, but scorecards.csv has no such version"
            raise ConfigurationError(f"{row.file} line {row.line}: {message}; remove these rows")

    card_editor, weight_editor = Editor(cards), Editor(weights)
    closed = []
    for row in of_card:
        end = as_date(row["effective_to"]) if row["effective_to"] else date.max
        start = as_date(row["effective_from"])
        if row["status"] == "champion" and end and end > effective_from:
            if start is None or start >= effective_from:
                raise ConfigurationError(f"{row.file} line {row.line}: this champion starts after {effective_from}")
            card_editor.change(row.line, {"effective_to": effective_from.isoformat()})
            closed.append(row.line)
    fresh = {
        "version": str(number),
        "status": "champion",
        "effective_from": effective_from.isoformat(),
        "effective_to": "",
        "next_review_on": (effective_from + timedelta(days=REVIEW_AFTER_DAYS)).isoformat(),
    }
    new_weights = [with_values(row.text, weights.header, {"version": str(number)}) for row in copied]
    lines = weight_editor.insert_after(copied[-1].line, new_weights)
    card_editor.insert_after(newest.line, [with_values(newest.text, cards.header, fresh)])
    # weights first: between the two writes a version without a scorecard row is refused, never half used
    weight_editor.write()
    card_editor.write()
    return NewVersion(scorecard, number, effective_from, cards.file, weights.file, lines, tuple(closed))


# --------------------------------------------------------------------------------------------------- release
def release(config: Path, by: str, on: date) -> list[Version]:
    """List every version that is not listed yet, with its hash; refused while the configuration has errors."""
    if not by.strip():
        raise ConfigurationError("release needs the name of whoever releases: --by")
    errors = [violation for violation in check_configuration(config, on) if violation.severity == ERROR]
    if errors:
        listed = "\n".join(str(violation) for violation in errors)
        raise ConfigurationError(f"{listed}\nnothing was released: repair these first")
    configuration = load_configuration(config)
    known = {(row["kind"], row["name"], row["version"]) for row in configuration.rows(RELEASES)}
    pending = [
        version
        for key, version in versions(configuration).items()
        if key not in known and not (version.kind == "scorecard" and version.rows[0]["status"] == "challenger")
    ]
    if not pending:
        return []
    header = list(configuration.contracts[RELEASES].columns)
    if RELEASES not in configuration.files:
        path = config / "scorecards" / f"{RELEASES}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(",".join(header) + "\n", encoding="utf-8")
        configuration = load_configuration(config)
    editor = Editor(configuration.files[RELEASES])
    values = [(*version.key, row_hash(version), on.isoformat(), by) for version in pending]
    named = [dict(zip(header, entry, strict=True)) for entry in values]
    editor.insert_after(None, [",".join(_written(entry[column]) for column in editor.seed.header) for entry in named])
    editor.write()
    return pending
