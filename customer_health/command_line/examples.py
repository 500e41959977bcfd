"""Verbs that show the project at work: a simulated company, and the real course data.

Belongs here: the steps of `demo` and `oulad`.
Does not belong here: the companies themselves (examples/).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from customer_health.command_line.options import Config, Warehouse, given_by_make

PANEL = "See it work"
LAST_DAY = date(2026, 6, 30)


def add_to(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command(rich_help_panel=PANEL)(demo)
    app.command(rich_help_panel=PANEL)(oulad)


def demo(
    warehouse: Warehouse,
    config: Config,
    accounts: Annotated[int, typer.Option(min=1, help="accounts", **given_by_make("ACCOUNTS"))] = 500,
    days: Annotated[int, typer.Option(min=1, help="days of history", **given_by_make("DAYS"))] = 548,
    seed: Annotated[int, typer.Option(help="the same seed, the same company", **given_by_make("SEED"))] = 7,
) -> None:
    """Simulate a SaaS company, build it, and show what comes out."""
    from customer_health.refresh.refresh import refresh
    from customer_health.refresh.summary import summarise
    from customer_health.transform.run import DbtRun
    from examples.company.__main__ import write_company
    from examples.company.config import CompanyConfig

    landing = warehouse / "landing"
    write_company(landing, CompanyConfig(accounts=accounts, days=days, seed=seed, end=LAST_DAY))
    refresh(landing, DbtRun(warehouse, config, LAST_DAY))
    print(summarise(warehouse), end="")


def oulad(
    warehouse: Warehouse,
    data: Annotated[Path, typer.Option(help="folder of the extract's Parquet files", **given_by_make("DATA"))],
) -> None:
    """Build the course data of the Open University: real students, a configuration of their own."""
    from examples.oulad.build import build

    build(data, warehouse)
