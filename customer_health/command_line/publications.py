"""Verbs about what is published and kept: list, roll back, compare, forget.

Belongs here: options and output of these verbs.
Does not belong here: how a publication comes about (publication), what forgetting does (forgetting).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from customer_health.command_line.options import Warehouse, given_by_make
from customer_health.core.paths import command_line

PANEL = "Publish and keep"


def add_to(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for verb in (publications, rollback, compare, forget):
        app.command(rich_help_panel=PANEL)(verb)


def publications(warehouse: Warehouse) -> None:
    """What is published and kept."""
    from customer_health.publication.publish import list_publications

    print("\n".join(list_publications(warehouse)))


def rollback(
    warehouse: Warehouse,
    to: Annotated[
        str | None, typer.Option(help="publication_id (default: the one that was shown before)", **given_by_make("TO"))
    ] = None,
) -> None:
    """Show an earlier publication again, as a publication of its own."""
    from customer_health.publication.publish import list_publications
    from customer_health.publication.publish import rollback as show_again

    publication = show_again(warehouse, to)
    print(f"{publication.publication_id} shows {publication.restores_publication_id} again")
    print("\n".join(list_publications(warehouse)))


def compare(
    before: Annotated[Path, typer.Argument(help="a DuckDB file, or a folder of Parquet files")],
    after: Annotated[Path, typer.Argument(help="another one")],
    table: Annotated[list[str] | None, typer.Option(help="only this table (may be given several times)")] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="schema.table or schema.table.column that may differ")
    ] = None,
    relative: Annotated[float, typer.Option(min=0, help="doubles are equal up to this share")] = 1e-9,
) -> None:
    """Compare two published files row by row. Exit code 1: they differ in more than was left out."""
    from customer_health.reading.compare import compare_files

    verdicts = compare_files(before, after, tables=table or (), leave_out=leave_out or (), relative=relative)
    for verdict in verdicts:
        print("\n".join(verdict.lines()))
    different = [verdict for verdict in verdicts if not verdict.is_equal]
    print(f"{len(verdicts) - len(different)} of {len(verdicts)} tables are equal")
    if different:
        raise typer.Exit(1)


def forget(
    warehouse: Annotated[
        Path, typer.Option(help="folder with build file and publications", **given_by_make("WAREHOUSE"))
    ],
    user: Annotated[str | None, typer.Option(help="user_id", **given_by_make("USER"))] = None,
    account: Annotated[str | None, typer.Option(help="account_id", **given_by_make("ACCOUNT"))] = None,
    landing: Annotated[
        Path | None,
        typer.Option(help="landing folder (default: landing inside the warehouse)", **given_by_make("LANDING")),
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option(help="an address or name to take out of free text (may be given several times)")
    ] = None,
    also_one: Annotated[str | None, typer.Option("--also-one", hidden=True, **given_by_make("ALSO"))] = None,
    delete: Annotated[
        bool,
        typer.Option(
            "--delete", help="of a user, delete events, tickets and answers as well", **given_by_make("DELETE")
        ),
    ] = False,
    by: Annotated[str | None, typer.Option(help="who ordered it (default: you)", **given_by_make("BY"))] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only show what would change", **given_by_make("DRY_RUN"))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do it without asking", **given_by_make("YES"))] = False,
) -> None:
    """Erase a user or an account everywhere, for good: name exactly one of them. Shows what will change, and asks."""
    from customer_health.forgetting.forget import ForgetError, Plan
    from customer_health.forgetting.forget import forget as erase

    def confirm(plan: Plan) -> bool:
        print("\n".join(plan.lines()))
        if dry_run or yes:
            return not dry_run
        if not sys.stdin.isatty():
            raise ForgetError(
                "nothing was changed: there is no terminal to ask on; --yes (make: YES=1) does it without asking"
            )
        return typer.confirm("forget them?", default=False)

    record = erase(
        warehouse,
        account_id=account,
        user_id=user,
        landing=landing,
        also=[*(also or ()), *([also_one] if also_one else [])],
        keep_totals=not delete,
        by=by,
        confirm=confirm,
    )
    if record is None:
        print("nothing was changed")
        return
    print("\n".join(record.lines()))
    if record.is_complete and record.raw:
        refresh = command_line("refresh", "--warehouse", warehouse)
        print(f"the build file holds raw rows only now: {refresh} computes and publishes the marts without them")
    if not record.is_complete:
        raise typer.Exit(1)
