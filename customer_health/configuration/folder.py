"""Read a configuration folder, and complete it to what a build needs.

A configuration is a folder of CSV files (`seeds/` by default; another company's may live anywhere). Its files are
found by name, whatever the subfolder. `_seeds.yml` of the project says what each file holds and, under
`when_missing`, what becomes of a file that a company does not bring:

- error: scorecards, metrics and whatever else only that company can know;
- default: the project's own file, for words that mean the same everywhere (reasons, findings, statuses, grades);
- empty: a header only, where another company's rows would be wrong (exceptions, instrumentation, rules, rates).

Belongs here: finding, reading and completing files; every row keeps its file, line and original text.
Does not belong here: judging rows (scorecards.py), changing them (release.py).
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from customer_health.core.errors import CustomerHealthError
from customer_health.core.safe_yaml import UnsafeYamlError, read_yaml
from customer_health.core.settings import DEFAULT_CONFIG

SEEDS_FILE = "_seeds.yml"
VARS_FILE = "vars.yml"


class ConfigurationError(CustomerHealthError):
    """A configuration cannot be used; the message says where and why."""


@dataclass(frozen=True)
class ColumnContract:
    """What `_seeds.yml` says about one column."""

    name: str
    type: str
    required: bool = False
    values: tuple[str, ...] = ()
    references: tuple[str, str] | None = None
    # a header of before the column is completed with our values
    is_completed: bool = False


@dataclass(frozen=True)
class SeedContract:
    """What `_seeds.yml` says about one file."""

    name: str
    columns: dict[str, ColumnContract]
    key: tuple[str, ...]
    when_missing: str

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"


@dataclass(frozen=True)
class Row:
    """One record of a file: its values as text, and where it stands."""

    file: str
    line: int
    values: dict[str, str]
    text: str

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def number(self, column: str) -> float | None:
        """The value as a number; None where it is empty or no number (the shape checks report that)."""
        try:
            return float(self[column])
        except ValueError:
            return None


@dataclass(frozen=True)
class Problem:
    """Something that kept a file or a record from being read."""

    line: int | None
    rule: str
    message: str


@dataclass
class SeedFile:
    """One file as it was read."""

    name: str
    path: Path
    file: str
    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Configuration:
    """All files of a folder, completed from the default where that is allowed."""

    folder: Path
    contracts: dict[str, SeedContract]
    files: dict[str, SeedFile]
    twice: list[tuple[str, str]]
    unknown: list[str]
    missing: list[str]
    from_default: list[str]
    vars: dict[str, Any]
    var_lines: dict[str, int] = field(default_factory=dict)
    vars_problem: str | None = None
    overlooked: list[tuple[str, str]] = field(default_factory=list)

    def rows(self, name: str) -> list[Row]:
        return self.files[name].rows if name in self.files else []

    def file(self, name: str) -> str:
        """The path to print, also for a file that is not there."""
        return self.files[name].file if name in self.files else display(self.folder / f"{name}.csv")

    def is_own(self, name: str) -> bool:
        return name in self.files and name not in self.from_default


@dataclass(frozen=True)
class EffectiveConfiguration:
    """A folder that dbt can read as its seeds, and the vars to pass beside it."""

    folder: Path
    vars: dict[str, Any]
    from_default: tuple[str, ...]
    left_empty: tuple[str, ...]


@cache
def load_contracts(seeds_yml: Path = DEFAULT_CONFIG / SEEDS_FILE) -> dict[str, SeedContract]:
    """Read what each file must look like."""
    document = yaml.safe_load(seeds_yml.read_text(encoding="utf-8"))
    contracts: dict[str, SeedContract] = {}
    for seed in document["seeds"]:
        types: dict[str, str] = seed["config"]["column_types"]
        meta: dict[str, Any] = seed["config"]["meta"]
        columns: dict[str, ColumnContract] = {}
        for column in seed["columns"]:
            about = column.get("config", {}).get("meta", {})
            reference = tuple(about["references"].split(".")) if "references" in about else None
            columns[column["name"]] = ColumnContract(
                name=column["name"],
                type=types[column["name"]],
                required=about.get("required", False),
                values=tuple(about.get("values", ())),
                references=(reference[0], reference[1]) if reference else None,
                is_completed=about.get("when_missing") == "default",
            )
        contracts[seed["name"]] = SeedContract(
            name=seed["name"], columns=columns, key=tuple(meta["key"]), when_missing=meta.get("when_missing", "error")
        )
    return contracts


def display(path: Path) -> str:
    """The path as a person at the project's root would type it."""
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def read_text(path: Path) -> str:
    """The file's text, line ends untouched; a byte order mark is simply read over."""
    return path.read_bytes().decode("utf-8").removeprefix("\ufeff")


def read_records(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield (line, original text, fields) of every record, the header included; quoted fields may hold line breaks."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), strict=True)
    line = 1
    for fields in reader:
        original = "".join(taken)
        taken.clear()
        yield line, original, fields
        line = reader.line_num + 1


def read_seed(name: str, path: Path) -> SeedFile:
    """Read one file; what cannot be read becomes a problem instead of an exception."""
    seed = SeedFile(name=name, path=path, file=display(path))
    line = 0
    try:
        for line, original, fields in read_records(read_text(path)):
            if not seed.header:
                seed.header = fields
            elif not any(fields):
                seed.problems.append(Problem(line, "row_width", "the row is blank; remove the line"))
            elif len(fields) != len(seed.header):
                message = f"the row has {len(fields)} fields, the header has {len(seed.header)}"
                seed.problems.append(Problem(line, "row_width", message))
            else:
                seed.rows.append(Row(seed.file, line, dict(zip(seed.header, fields, strict=True)), original))
    except UnicodeDecodeError as error:
        bad_line = path.read_bytes()[: error.start].count(b"\n") + 1
        seed.problems.append(Problem(bad_line, "unreadable_csv", "the file is not UTF-8 from here on"))
    except csv.Error as error:
        message = f"the file cannot be read as CSV from here on: {error}"
        seed.problems.append(Problem(line + 1, "unreadable_csv", message))
    if not seed.header and not seed.problems:
        seed.problems.append(Problem(1, "unreadable_csv", "the file is empty; it needs at least its header"))
    return seed


def _read_vars(folder: Path) -> tuple[dict[str, Any], dict[str, int], str | None]:
    """The vars, the line of each, and why they cannot be read."""
    path = folder / VARS_FILE
    if not path.is_file():
        return {}, {}, None
    try:
        content, lines = read_yaml(path)
    except UnsafeYamlError as error:
        return {}, {}, str(error)
    if content is None:
        return {}, {}, None
    if not isinstance(content, dict):
        return {}, {}, "the file must hold 'name: value' lines"
    return content, lines, None


def _overlooked(folder: Path) -> Iterator[tuple[str, str]]:
    """Files that look like a part of the configuration and are none: each, and what to do."""
    for path in sorted(folder.rglob("*")):
        name = path.name.lower()
        if path.is_symlink() and not path.exists():
            yield display(path), "the link leads nowhere: mend it or remove it"
        elif not path.is_file():
            continue
        elif name.endswith(".csv") and path.suffix != ".csv":
            yield display(path), f"write the ending in small letters, {path.stem}.csv: it is not read as it is"
        elif name in (VARS_FILE, "vars.yaml") and path != folder / VARS_FILE:
            yield display(path), f"vars are read from {display(folder / VARS_FILE)} only: move this file there"


def load_configuration(folder: Path, default: Path = DEFAULT_CONFIG) -> Configuration:
    """Read a folder, with the default's files in place of shared ones that it does not bring."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such configuration folder")
    contracts = load_contracts(default / SEEDS_FILE)
    found: dict[str, Path] = {}
    twice: list[tuple[str, str]] = []
    unknown: list[str] = []
    for path in sorted(folder.rglob("*.csv")):
        if path.stem not in contracts:
            unknown.append(display(path))
        elif not path.is_file():
            # a link that leads nowhere, or a folder: said by _overlooked
            continue
        elif path.stem in found:
            twice.append((display(path), display(found[path.stem])))
        else:
            found[path.stem] = path
    files = {name: read_seed(name, path) for name, path in found.items()}
    missing: list[str] = []
    from_default: list[str] = []
    for name, contract in contracts.items():
        if name in files:
            continue
        elsewhere = next(default.rglob(contract.file_name), None)
        if contract.when_missing == "default" and elsewhere is not None:
            files[name] = read_seed(name, elsewhere)
            from_default.append(name)
        elif contract.when_missing != "empty":
            missing.append(name)
    values, var_lines, vars_problem = _read_vars(folder)
    return Configuration(
        folder,
        contracts,
        files,
        twice,
        unknown,
        missing,
        from_default,
        vars=values,
        var_lines=var_lines,
        vars_problem=vars_problem,
        overlooked=list(_overlooked(folder)),
    )


def _write_completed(seed: SeedFile, contract: SeedContract, ours: Path, destination: Path) -> None:
    """The file as it is; one of before a column existed gets it, with what our row of the same key says."""
    added = [name for name, column in contract.columns.items() if column.is_completed and name not in seed.header]
    if not added or seed.problems:
        shutil.copyfile(seed.path, destination)
        return
    known = {tuple(row[column] for column in contract.key): row for row in read_seed(contract.name, ours).rows}
    with destination.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*seed.header, *added])
        for row in seed.rows:
            same = known.get(tuple(row[column] for column in contract.key))
            writer.writerow([*row.values.values(), *(same[name] if same else "" for name in added)])


def effective_config(config: Path, target: Path, default: Path = DEFAULT_CONFIG) -> EffectiveConfiguration:
    """Write the folder that dbt reads as its seeds: CONFIG's files, completed, and the project's `_seeds.yml`.

    The target is replaced as a whole, so no file of an earlier configuration stays behind.
    """
    configuration = load_configuration(config, default)
    if configuration.missing:
        names = ", ".join(f"{name}.csv" for name in configuration.missing)
        raise ConfigurationError(f"{config}: missing {names}; only the company itself can say what belongs there")
    building = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    left_empty: list[str] = []
    for name, contract in configuration.contracts.items():
        usual = next(default.rglob(contract.file_name), default / contract.file_name).relative_to(default)
        destination = building / usual
        destination.parent.mkdir(parents=True, exist_ok=True)
        if name in configuration.files:
            _write_completed(configuration.files[name], contract, default / usual, destination)
        else:
            left_empty.append(name)
            destination.write_text(",".join(contract.columns) + "\n", encoding="utf-8")
    shutil.copyfile(default / SEEDS_FILE, building / SEEDS_FILE)
    if configuration.vars:
        shutil.copyfile(config / VARS_FILE, building / VARS_FILE)
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)
    return EffectiveConfiguration(target, configuration.vars, tuple(configuration.from_default), tuple(left_empty))
