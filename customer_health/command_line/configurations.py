"""Verbs about configurations: check, version, release, try, propose.

Belongs here: options and output of these verbs.
Does not belong here: rules (configuration), scores by another configuration (validation).
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from customer_health.command_line.options import By, Config, Warehouse, day_option, given_by_make
from customer_health.core.paths import command_line, display_path

PANEL = "Configure"


def add_to(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("check-config", rich_help_panel=PANEL)(check_config)
    app.command("scorecard-version", rich_help_panel=PANEL)(scorecard_version)
    app.command(rich_help_panel=PANEL)(release)
    app.command("what-if", rich_help_panel=PANEL)(what_if)
    app.command("propose-weights", rich_help_panel=PANEL)(propose_weights)


def check_config(
    config: Config,
    as_of: Annotated[date | None, day_option("day that reviews are judged by (default: today, UTC)")] = None,
) -> None:
    """Is this configuration sound? Names file, line and rule of whatever is not."""
    from customer_health.configuration.scorecards import report_configuration

    if report_configuration(config, as_of):
        raise typer.Exit(1)


def scorecard_version(
    config: Config,
    scorecard: Annotated[str, typer.Option("--from", help="name of the scorecard", **given_by_make("FROM"))],
    effective_from: Annotated[
        date | None, day_option("first day that it scores (default: tomorrow)", "EFFECTIVE_FROM")
    ] = None,
) -> None:
    """Copy the rows of a scorecard's newest version into its next one."""
    from customer_health.configuration.release import scorecard_version as add_version

    first_day = effective_from or datetime.now(UTC).date() + timedelta(days=1)
    new = add_version(config, scorecard, first_day)
    first, last = new.weight_lines
    print(f"scorecard '{new.scorecard}' version {new.version} scores from {new.effective_from} on.")
    if new.closed:
        before = new.effective_from - timedelta(days=1)
        print(f"The version before it ends after {before}; scores up to that day do not change.")
    folder = display_path(config)
    print("Next:")
    print(f"  1. edit weights and their rationale in {new.weights_file} lines {first} to {last} (they must total 100)")
    print(f"  2. write in {new.scorecards_file} what changes with version {new.version}, and when to review it")
    print(f"  3. {command_line('check-config', '--config', folder)}")
    print(f"  4. release it: {command_line('release', '--config', folder, '--by', 'your name')}")


def release(
    config: Config,
    by: By,
    on: Annotated[date | None, day_option("day of the release (default: today, UTC)", "ON")] = None,
) -> None:
    """Seal all versions that are not sealed yet: from then on check-config refuses edits to them."""
    from customer_health.configuration.release import release as seal

    for version in seal(config, by, on or datetime.now(UTC).date()):
        print(f"released {version.kind} '{version.name}' version {version.version}")


def what_if(
    config: Annotated[Path, typer.Option(help="edited configuration folder", **given_by_make("CONFIG"))],
    warehouse: Warehouse,
    against: Annotated[
        Path | None,
        typer.Option(
            help="folder to compare with (default: what the warehouse was built with)", **given_by_make("AGAINST")
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="write the report as Markdown into this file, too", **given_by_make("OUT"))
    ] = None,
) -> None:
    """What would an edited configuration change? Nothing in the warehouse is touched."""
    from customer_health.validation.what_if import NeedsRebuildError
    from customer_health.validation.what_if import what_if as ask
    from customer_health.validation.what_if.report import page

    try:
        answer = ask(config, warehouse, against)
    except NeedsRebuildError as error:
        print("This needs a build, since values of metrics would change:", file=sys.stderr)
        for reason in error.reasons:
            print(f"- {reason}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(page(answer).text())
    print(f"{sum(answer.seconds.values()):.1f} seconds; nothing in {warehouse} was touched")
    if out:
        out.write_text(page(answer).markdown(), encoding="utf-8")


def propose_weights(
    scorecard: Annotated[str, typer.Option(help="name of the scorecard", **given_by_make("SCORECARD"))],
    warehouse: Warehouse,
    config: Config,
    out: Annotated[
        Path | None,
        typer.Option(
            help="folder to write to (default: proposals/<scorecard> in the warehouse)", **given_by_make("OUT")
        ),
    ] = None,
    horizon_days: Annotated[
        int, typer.Option(help="days within which what came true counts", **given_by_make("HORIZON_DAYS"))
    ] = 90,
) -> None:
    """Learn weights from what came true, as a challenger; nothing is applied."""
    from customer_health.validation.weights.propose import FOLDER, PAGE, effects_of, write
    from customer_health.validation.weights.propose import propose_weights as propose

    folder = out or warehouse / FOLDER / scorecard
    proposal = propose(warehouse, config, scorecard, horizon_days)
    write(proposal, folder, effects_of(proposal, warehouse, config))
    print((folder / f"{PAGE}.md").read_text(encoding="utf-8"))
    print(f"written to {folder}; nothing was applied")
