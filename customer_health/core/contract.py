"""Read the raw contract: which tables and columns may arrive, of which type, and what they mean.

Belongs here: turning `models/staging/_raw__sources.yml` into typed objects, and refusing a contract that
contradicts itself.
Does not belong here: reading data (landing/load.py), or what staging makes of a row (dbt).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from customer_health.core.errors import CustomerHealthError
from customer_health.core.settings import PROJECT_ROOT

CONTRACT_FILE = PROJECT_ROOT / "models" / "staging" / "_raw__sources.yml"

DATA_TYPES = ("varchar", "timestamp", "date", "bigint", "double", "boolean", "decimal(18,4)")
NUMBERS = ("bigint", "double", "decimal(18,4)")
TIME_KINDS = ("event", "dated", "planned")
# names the systems that may deliver: its column source lists them
IDENTIFIERS = "account_identifiers"


class ContractError(CustomerHealthError):
    """The contract file can't be used; the message names the table and column."""


@dataclass(frozen=True)
class Column:
    """One column of a raw table."""

    name: str
    data_type: str
    description: str
    required: bool = False
    time: str | None = None
    personal: bool = False
    text: bool = False
    values: tuple[str, ...] = ()
    between: tuple[float | None, float | None] | None = None
    plausible: tuple[float, float] | None = None
    reaches_back: bool = False


@dataclass(frozen=True)
class Table:
    """One raw table."""

    name: str
    description: str
    source: str
    required: bool
    mutable: bool
    key: tuple[str, ...]
    created_column: str | None
    require_one_of: tuple[str, ...]
    columns: tuple[Column, ...]
    # its rows stand for what there is, not for what happened: a silent one is no fault
    is_register: bool = False

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def required_columns(self) -> tuple[str, ...]:
        """Columns without which a file is refused."""
        return tuple(column.name for column in self.columns if column.required)

    @cached_property
    def changed_by(self) -> tuple[str, ...]:
        """Columns of which the latest says when a row happened or was last changed."""
        happened = [column.name for column in self.columns if column.time == "event"]
        return tuple(dict.fromkeys(["updated_at", *happened] if self.mutable else happened))

    @cached_property
    def plausible(self) -> dict[str, Any]:
        """Which columns are asked whether their values can be meant, as macros/sources.sql lists them."""
        asked = {
            "moments": [c.name for c in self.columns if c.time == "event" and not c.reaches_back],
            "since": [c.name for c in self.columns if c.time == "event" and c.reaches_back],
            "open": [c.name for c in self.columns if c.time in ("dated", "planned")],
            "numbers": {c.name: list(c.plausible) for c in self.columns if c.plausible is not None},
        }
        return {kind: columns for kind, columns in asked.items() if columns}

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name} is not in the raw contract")


@dataclass(frozen=True)
class Contract:
    """All raw tables, in the order of the file."""

    tables: Mapping[str, Table]
    plausible_dates: tuple[str, str] | None = None
    plausible_usd: int | None = None

    def table(self, name: str) -> Table:
        return self.tables[name]

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The systems that deliver, in the order of the file."""
        return tuple(dict.fromkeys(table.source for table in self.tables.values()))


def load_contract(path: Path = CONTRACT_FILE) -> Contract:
    """Read and check the contract; names in templates (schema, identifier) play no part here."""
    # the parser in C, where there is one: the contract is read before each build and by many tests
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    sources = [source for source in document.get("sources", []) if source.get("name") == "raw"]
    if len(sources) != 1:
        raise ContractError(f"{path.name}: expected one source named 'raw', found {len(sources)}")
    tables: dict[str, Table] = {}
    for entry in sources[0].get("tables", []):
        table = _table(entry, path.name)
        if table.name in tables:
            raise ContractError(f"{path.name}: table '{table.name}' is declared twice")
        tables[table.name] = table
    _check_sources(tables, path.name)
    meta = _meta(sources[0])
    dates = meta.get("plausible_dates")
    return Contract(tables, (str(dates[0]), str(dates[1])) if dates else None, meta.get("plausible_usd"))


def _check_sources(tables: Mapping[str, Table], file_name: str) -> None:
    """A source that account_identifiers does not list could not register the ids that it uses."""
    if IDENTIFIERS not in tables:
        return
    known = tables[IDENTIFIERS].column("source").values
    for table in tables.values():
        if table.source not in known:
            raise ContractError(
                f"{file_name}: table '{table.name}' has source '{table.source}', which the values of"
                f" {IDENTIFIERS}.source do not list ({', '.join(known)})"
            )


def _table(entry: Mapping[str, Any], file_name: str) -> Table:
    name = entry["name"]
    meta = _meta(entry)
    where = f"{file_name}: table '{name}'"
    columns = tuple(_column(column, where) for column in entry.get("columns", []))
    table = Table(
        name=name,
        description=_description(entry, where),
        source=meta.get("source", ""),
        required=bool(meta.get("required", False)),
        mutable=bool(meta.get("mutable", False)),
        key=tuple(meta.get("key") or ()),
        created_column=meta.get("created_column"),
        require_one_of=tuple(meta.get("require_one_of") or ()),
        columns=columns,
        is_register=bool(meta.get("register", False)),
    )
    names = table.column_names
    if len(set(names)) != len(names):
        raise ContractError(f"{where} declares a column twice")
    if not table.source:
        raise ContractError(f"{where} has no source")
    if not table.key:
        raise ContractError(f"{where} has no key")
    created = (table.created_column,) if table.created_column else ()
    for column_name in (*table.key, *created, *table.require_one_of):
        if column_name not in names:
            raise ContractError(f"{where} refers to a column '{column_name}' that it does not declare")
    for column_name in table.key:
        if not table.column(column_name).required:
            raise ContractError(f"{where}: key column '{column_name}' has to be required")
    if table.mutable and "updated_at" not in names:
        raise ContractError(f"{where} is mutable, so it has to have updated_at")
    return table


def _column(entry: Mapping[str, Any], where: str) -> Column:
    meta = _meta(entry)
    column = Column(
        name=entry["name"],
        data_type=str(entry.get("data_type", "")).lower().replace(" ", ""),
        description=_description(entry, f"{where}, column '{entry['name']}'"),
        required=bool(meta.get("required", False)),
        time=meta.get("time"),
        personal=bool(meta.get("personal", False)),
        text=bool(meta.get("text", False)) or bool(meta.get("personal", False)),
        values=tuple(meta.get("values") or ()),
        between=tuple(meta["between"]) if "between" in meta else None,
        plausible=tuple(meta["plausible"]) if "plausible" in meta else None,
        reaches_back=bool(meta.get("reaches_back", False)),
    )
    where = f"{where}, column '{column.name}'"
    if column.data_type not in DATA_TYPES:
        raise ContractError(f"{where}: type '{column.data_type}', expected one of {', '.join(DATA_TYPES)}")
    is_temporal = column.data_type in ("timestamp", "date")
    if is_temporal and column.time not in TIME_KINDS:
        raise ContractError(f"{where}: a {column.data_type} needs time: {' | '.join(TIME_KINDS)}")
    if not is_temporal and column.time is not None:
        raise ContractError(f"{where}: time '{column.time}' on a {column.data_type}")
    if column.values and column.data_type != "varchar":
        raise ContractError(f"{where}: a list of words on a {column.data_type}")
    if column.between is not None and (len(column.between) != 2 or column.data_type not in NUMBERS):
        raise ContractError(f"{where}: between takes two limits of a number")
    if column.plausible is not None and (len(column.plausible) != 2 or column.data_type not in NUMBERS):
        raise ContractError(f"{where}: plausible takes two limits of a number")
    return column


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return (entry.get("config") or {}).get("meta") or {}


def _description(entry: Mapping[str, Any], where: str) -> str:
    description = " ".join(str(entry.get("description") or "").split())
    if not description:
        raise ContractError(f"{where} has no description")
    return description
