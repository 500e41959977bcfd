"""Verbs that build: load, refresh, judge, and what came of it.

Belongs here: options and output of these verbs.
Does not belong here: the steps (refresh), the gate (expectations).
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from customer_health.command_line.options import Config, MemoryLimit, Warehouse, day_option, given_by_make

PANEL = "Build"
SETTINGS = "folder (default: settings)"


def add_to(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for verb in (refresh, load, summary, gate, accept, dagster):
        app.command(rich_help_panel=PANEL)(verb)


def refresh(
    warehouse: Warehouse,
    config: Config,
    landing: Annotated[
        Path | None,
        typer.Option(
            help="folder with one folder per raw table (default: from the settings)", **given_by_make("LANDING")
        ),
    ] = None,
    as_of: Annotated[date | None, day_option("last day to build (default: yesterday)")] = None,
    memory_limit: MemoryLimit = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="compute everything anew", **given_by_make("FULL_REFRESH"))
    ] = False,
) -> None:
    """Take one day from its landing files to its readers: check, load, build, judge, publish, notify."""
    from customer_health.core.settings import read_settings
    from customer_health.refresh.refresh import refresh as run_refresh
    from customer_health.refresh.summary import summarise
    from customer_health.transform.run import DbtRun

    settings = read_settings(warehouse=warehouse.absolute(), **({"landing": landing.absolute()} if landing else {}))
    run_refresh(settings.landing, DbtRun(warehouse, config, as_of, memory_limit), full_refresh, settings.webhook_url)
    print(summarise(warehouse), end="")


def load(
    warehouse: Warehouse,
    landing: Annotated[Path, typer.Option(help="folder with one folder per raw table", **given_by_make("LANDING"))],
    memory_limit: MemoryLimit = None,
) -> None:
    """Load landing files into the raw tables, and nothing else."""
    from customer_health.landing.load import load_landing

    report = load_landing(landing, warehouse, _tell, memory_limit=memory_limit)
    print("\n".join(report.lines()))


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


def summary(warehouse: Warehouse) -> None:
    """Tell what the last build holds: scores, whom to help, what was found about the data."""
    from customer_health.refresh.summary import summarise

    print(summarise(warehouse), end="")


def gate(
    warehouse: Warehouse,
    as_of: Annotated[date, day_option("the day that the build describes")],
    suite: Annotated[list[str] | None, typer.Option(help="only this suite (may be given several times)")] = None,
) -> None:
    """May this build be published? Exit code 1 holds it."""
    from customer_health.core.errors import CustomerHealthError
    from customer_health.core.words import did_you_mean
    from expectations import results_page
    from expectations.gate import ALL, run_gate

    for name in suite or ():
        if name not in ALL:
            raise CustomerHealthError(f"there is no suite '{name}'{did_you_mean(name, ALL)}")
    report = run_gate(warehouse, as_of=as_of, suites=suite or ALL)
    print("\n".join(report.lines()))
    print(f"page: {results_page.path(warehouse)}")
    if not report.passed:
        raise typer.Exit(1)


def accept(
    warehouse: Warehouse,
    as_of: Annotated[date, day_option("the day that the build describes")],
    check: Annotated[str, typer.Option(help="suite/check, as the gate prints it", **given_by_make("CHECK"))],
    by: Annotated[str, typer.Option(help="who looked at it", **given_by_make("BY"))],
    reason: Annotated[str, typer.Option(help="why it may pass", **given_by_make("REASON"))],
) -> None:
    """Let a failed check pass for one day; it keeps showing as failed, with name and reason."""
    from customer_health.core.paths import command_line
    from expectations.accept import accept_check

    accept_check(warehouse, as_of, check, by, reason)
    again = command_line("gate", "--warehouse", warehouse, "--as-of", as_of.isoformat())
    print(f"{check} is accepted for {as_of}; judge again: {again}")


def dagster(
    port: Annotated[int, typer.Option(help="port on 127.0.0.1", **given_by_make("PORT"))] = 3000,
    warehouse: Annotated[
        Path | None, typer.Option(help="folder (default: settings)", **given_by_make("WAREHOUSE"))
    ] = None,
    landing: Annotated[Path | None, typer.Option(help="folder (default: settings)", **given_by_make("LANDING"))] = None,
    config: Annotated[Path | None, typer.Option(help="folder (default: settings)", **given_by_make("CONFIG"))] = None,
) -> None:
    """Load what lands and refresh every night, with Dagster's pages on 127.0.0.1."""
    from customer_health.core.settings import read_settings
    from orchestration.serve import serve

    given = {"warehouse": warehouse, "landing": landing, "config": config}
    settings = read_settings(**{name: path.absolute() for name, path in given.items() if path})
    raise typer.Exit(serve(settings, port))
