"""Read the lists that models are generated from: raw tables (macros/sources.sql), limits (plausible.sql).

Belongs here: the lists as Python sees them.
Does not belong here: the raw contract (contract.py), or whether the two agree (configuration/sources.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from customer_health.core.settings import PROJECT_ROOT

SOURCES_FILE = Path("macros") / "sources.sql"
PLAUSIBLE_FILE = Path("macros") / "plausible.sql"


@dataclass(frozen=True)
class ListedTable:
    """One line of the list."""

    name: str
    source: str
    base: str
    staged: str
    is_mutable: bool
    row_key: tuple[str, ...]
    day: str | None
    happened_at: str | None
    plausible: dict[str, Any]
    has_own_arms: bool = False


def load_listed_tables(root: Path = PROJECT_ROOT) -> list[ListedTable]:
    """The list, rendered as dbt renders it; a line without all of its names is a KeyError."""
    lines = _returned(root / SOURCES_FILE, "raw_tables")
    return [
        ListedTable(
            name=line["name"],
            source=line["source"],
            base=line["base"],
            staged=line["staged"],
            is_mutable=line["is_mutable"],
            row_key=tuple(line["row_key"]),
            day=line["day"],
            happened_at=line["happened_at"],
            plausible=line["plausible"],
            has_own_arms=line.get("has_own_arms", False),
        )
        for line in lines
    ]


def load_plausible_limits(root: Path = PROJECT_ROOT) -> tuple[str, int]:
    """The first day that a date can mean, and the most that an amount can be in US dollars."""
    module = _module(root / PLAUSIBLE_FILE, [])
    return str(module.plausible_from()).split("'")[1], int(str(module.plausible_usd()))


def load_watched_columns(root: Path = PROJECT_ROOT) -> dict[str, tuple[str, ...]]:
    """The columns of each raw table that a measure may need."""
    return {table: tuple(columns) for table, columns in _returned(root / SOURCES_FILE, "watched_columns").items()}


def _returned(path: Path, macro: str) -> Any:
    returned: list[Any] = []
    getattr(_module(path, returned), macro)()
    [value] = returned
    return value


def _module(path: Path, returned: list[Any]) -> Any:
    macros = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(path.read_text("utf-8"))
    # SQL that a list holds is dbt's business
    return macros.make_module({"return": returned.append, "to_reporting_date": str})
