"""Options that several verbs share.

`make` hands over what it is given in variables GIVEN_<NAME>, so that no value passes through a shell.

Belongs here: names, help texts and defaults of options.
Does not belong here: what an option does.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from customer_health.core.paths import display_path
from customer_health.core.settings import read_settings


def given_by_make(name: str) -> dict[str, Any]:
    """How an option is told what `make` was given under this name."""
    return {"envvar": f"GIVEN_{name}", "show_envvar": False}


def parse_day(text: str | date) -> date:
    """A day as it is typed, such as 2026-06-30."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day like 2026-06-30") from None


def default_warehouse() -> Path:
    return display_path(read_settings().warehouse)


def default_config() -> Path:
    return display_path(read_settings().config)


Warehouse = Annotated[
    Path,
    typer.Option(
        default_factory=default_warehouse,
        show_default="CUSTOMER_HEALTH_WAREHOUSE, or warehouse",
        help="folder with build file and publications",
        **given_by_make("WAREHOUSE"),
    ),
]
Config = Annotated[
    Path,
    typer.Option(
        default_factory=default_config,
        show_default="CUSTOMER_HEALTH_CONFIG, or seeds",
        help="configuration folder",
        **given_by_make("CONFIG"),
    ),
]
MemoryLimit = Annotated[str | None, typer.Option(help="for the engine, such as 2GB", **given_by_make("MEMORY_LIMIT"))]
By = Annotated[str, typer.Option(help="your name", **given_by_make("BY"))]


def day_option(help_text: str, name: str = "AS_OF") -> Any:
    """An option that takes a day."""
    return typer.Option(help=help_text, parser=parse_day, metavar="DAY", **given_by_make(name))
