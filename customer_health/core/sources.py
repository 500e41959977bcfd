"""Read the list of raw tables that models are generated from (`raw_tables()` in macros/sources.sql).

Belongs here: the list as Python sees it.
Does not belong here: the raw contract (contract.py), or whether the two agree (configuration/sources.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from customer_health.core.settings import PROJECT_ROOT

SOURCES_FILE = Path("macros") / "sources.sql"


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
    has_own_arms: bool = False


def load_listed_tables(root: Path = PROJECT_ROOT) -> list[ListedTable]:
    """The list, rendered as dbt renders it; a line without all of its names is a KeyError."""
    returned: list[Any] = []
    macros = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string((root / SOURCES_FILE).read_text("utf-8"))
    macros.make_module({"return": returned.append}).raw_tables()
    [lines] = returned
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
            has_own_arms=line.get("has_own_arms", False),
        )
        for line in lines
    ]
