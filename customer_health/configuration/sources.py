"""Check that every raw table of the contract has all that the pipeline needs of it, and that measures name such tables.

A source comes in steps (docs/extend-source.md). dbt itself refuses a model that is missing; what it cannot see, a table
that no model reads and a measure that nobody could ever observe, is told here, before anything is built.

Belongs here: contract, list of raw tables, model files and measures.csv against each other, read from their files.
Does not belong here: which models the list becomes (tests/integrity/test_sources.py reads dbt's manifest).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from customer_health.configuration.folder import Configuration, SeedFile
from customer_health.configuration.shape import ERROR, Violation, at
from customer_health.core.contract import CONTRACT_FILE, NUMBERS, Contract, ContractError, Table, load_contract
from customer_health.core.settings import PROJECT_ROOT
from customer_health.core.sources import (
    PLAUSIBLE_FILE,
    SOURCES_FILE,
    ListedTable,
    load_listed_tables,
    load_plausible_limits,
    load_watched_columns,
)
from customer_health.core.words import did_you_mean

CONTRACT = CONTRACT_FILE.relative_to(PROJECT_ROOT)
OWN_CONFIGURATION = "seeds"
MEASURES = Path(OWN_CONFIGURATION) / "scorecards" / "measures.csv"
# its measures follow from milestones, so the table behind them is only what makes an account have any
JOURNEY = "journey"
_DESCRIBED = re.compile(r"^ *- name: (\w+)", re.MULTILINE)


def check_sources(configuration: Configuration, root: Path = PROJECT_ROOT) -> Iterator[Violation]:
    """Steps of a source that were left out, in the project and in the measures of this configuration."""
    try:
        contract = load_contract(root / CONTRACT)
    except ContractError as error:
        yield _missing(CONTRACT, str(error))
        return
    listed = {table.name: table for table in load_listed_tables(root)}
    yield from _check_list(contract, listed)
    yield from _check_plausible_values(contract, root)
    yield from _check_models(root, list(listed.values()))
    yield from _check_measures(configuration.files.get("measures"), contract, listed)
    yield from _check_synonyms(configuration.files.get("word_synonyms"), contract)
    yield from _check_needs(configuration.files.get("measures"), contract, load_watched_columns(root))
    # another company may do without a source
    if configuration.folder.resolve() == (root / OWN_CONFIGURATION).resolve():
        yield from _check_measured(configuration, listed)


def _check_measured(configuration: Configuration, listed: dict[str, ListedTable]) -> Iterator[Violation]:
    """A source of the list that no measure names counts for nothing."""
    measured = {row["source"] for row in configuration.rows("measures")}
    for source in sorted({table.source for table in listed.values()} - measured):
        yield _missing(MEASURES, f"no measure comes from source '{source}': add a row for each measure that it emits")


def _check_list(contract: Contract, listed: dict[str, ListedTable]) -> Iterator[Violation]:
    for name, table in contract.tables.items():
        if name not in listed:
            yield _missing(
                SOURCES_FILE, f"raw table '{name}' of the contract is not in raw_tables(): add a line for it there"
            )
        else:
            for wanted in _differences(table, listed[name]):
                yield _missing(SOURCES_FILE, f"raw table '{name}' has {wanted} in the contract ({CONTRACT})")
    for name in listed.keys() - contract.tables.keys():
        hint = did_you_mean(name, contract.tables)
        yield _missing(CONTRACT, f"raw table '{name}' of {SOURCES_FILE} is not in the contract{hint}: add it there")


def _check_plausible_values(contract: Contract, root: Path) -> Iterator[Violation]:
    """Without limits one row that nobody can mean stops the build of all others."""
    for table in contract.tables.values():
        for column in table.columns:
            is_closed = column.between is not None and None not in column.between
            if column.data_type in NUMBERS and not (column.plausible or is_closed):
                yield _missing(CONTRACT, f"{table.name}.{column.name} has no plausible: [least, most]: add it there")
    first_day, usd = load_plausible_limits(root)
    if contract.plausible_dates is None or contract.plausible_dates[0] != first_day:
        yield _missing(PLAUSIBLE_FILE, f"the first day is {first_day}, not that of plausible_dates in {CONTRACT}")
    if contract.plausible_usd != usd:
        yield _missing(PLAUSIBLE_FILE, f"the most in US dollars is {usd}, not plausible_usd of {CONTRACT}")


def _as_set(columns: Any) -> set[Any]:
    """Columns in any order, numbers with their limits."""
    return {(name, *limits) for name, limits in columns.items()} if isinstance(columns, dict) else set(columns or ())


def _differences(table: Table, line: ListedTable) -> Iterator[str]:
    row_key = tuple(column for column in table.key if table.column(column).time is None)
    if table.source != line.source:
        yield f"source '{table.source}', not '{line.source}',"
    if table.mutable != line.is_mutable:
        yield f"mutable: {str(table.mutable).lower()}, not {str(line.is_mutable).lower()},"
    if row_key != line.row_key:
        yield f"the key {', '.join(row_key)} beside days and moments, not {', '.join(line.row_key)},"
    for kind in sorted(table.plausible.keys() | line.plausible.keys()):
        wanted, found = table.plausible.get(kind), line.plausible.get(kind)
        if _as_set(wanted) != _as_set(found):
            yield f"plausible {kind} {wanted}, not {found},"


def _check_models(root: Path, listed: list[ListedTable]) -> Iterator[Violation]:
    """The models that the list names, and a description of each."""
    models = root / "models"
    files = {path.stem: path for path in models.rglob("*.sql")}
    described = {name for path in models.rglob("_*.yml") for name in _DESCRIBED.findall(path.read_text("utf-8"))}
    wanted = [
        *((line.base, Path("staging") / line.source / "base", f"the fates of {line.name}") for line in listed),
        *((line.staged, Path("staging") / line.source, f"the typed rows of {line.name}") for line in listed),
        *(
            (f"int_{source}__measures", Path("intermediate") / "measures", f"the measures of source '{source}'")
            for source in sorted({line.source for line in listed})
        ),
    ]
    for name, folder, what in wanted:
        if name not in files:
            yield _missing(Path("models") / folder / f"{name}.sql", f"the model is missing: add {what}")
        elif name not in described:
            place = files[name].relative_to(root)
            yield _missing(place, f"no YAML file describes the model: add {name} to one of its folder or above it")


def _check_measures(
    measures: SeedFile | None, contract: Contract, listed: dict[str, ListedTable]
) -> Iterator[Violation]:
    for row in measures.rows if measures else ():
        name = row["raw_table"]
        table, line = contract.tables.get(name), listed.get(name)
        if not name:
            continue
        if table is None:
            hint = did_you_mean(name, contract.tables)
            yield at(row, "unknown_name", f"raw_table '{name}' is not in the raw contract{hint}")
            continue
        if row["source"] not in (table.source, JOURNEY):
            hint = did_you_mean(row["source"], (*contract.sources, JOURNEY))
            message = f"source '{row['source']}' does not deliver '{name}', '{table.source}' does{hint}"
            yield at(row, "source_unsuitable", message)
        if line and not line.day:
            why = f"so '{row['measure']}' would be not_instrumented for all"
            message = f"raw table '{name}' has no day in {SOURCES_FILE}, {why}"
            yield at(row, "source_without_days", message)


def _check_synonyms(synonyms: SeedFile | None, contract: Contract) -> Iterator[Violation]:
    """A synonym stands for a word that the contract lists, and is written as words are compared."""
    for row in synonyms.rows if synonyms else ():
        table = contract.tables.get(row["raw_table"])
        if table is None:
            hint = did_you_mean(row["raw_table"], contract.tables)
            yield at(row, "unknown_name", f"raw_table '{row['raw_table']}' is not in the raw contract{hint}")
            continue
        words = {column.name: column.values for column in table.columns if column.values}
        if row["raw_column"] not in words:
            listed = ", ".join(words) or "none"
            message = f"the contract lists no words of {table.name}.{row['raw_column']} (it does of: {listed})"
            yield at(row, "unknown_name", message)
        elif row["means"] not in words[row["raw_column"]]:
            known = ", ".join(words[row["raw_column"]])
            message = f"'{row['means']}' is no word of {table.name}.{row['raw_column']}: {known}"
            yield at(row, "unknown_name", message + did_you_mean(row["means"], words[row["raw_column"]]))
        spelled = row["word"].strip().lower().replace(" ", "_").replace("-", "_")
        if row["word"] != spelled:
            yield at(row, "value_unsuitable", f"word '{row['word']}' is compared as '{spelled}': write it so")


def _check_needs(
    measures: SeedFile | None, contract: Contract, watched: dict[str, tuple[str, ...]]
) -> Iterator[Violation]:
    for row in measures.rows if measures else ():
        table = contract.tables.get(row["raw_table"])
        for column in filter(None, row["needs_columns"].split(";")):
            if table is not None and column not in table.column_names:
                hint = did_you_mean(column, table.column_names)
                yield at(row, "unknown_name", f"needs_columns: '{table.name}' has no column '{column}'{hint}")
            elif table is not None and column not in watched.get(table.name, ()):
                message = f"needs_columns: nothing watches '{table.name}.{column}'; add it to watched_columns() in"
                yield at(row, "source_incomplete", f"{message} {SOURCES_FILE}")


def _missing(path: Path, message: str) -> Violation:
    return Violation(path.as_posix(), None, "source_incomplete", ERROR, message)
