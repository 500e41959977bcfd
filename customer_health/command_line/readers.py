"""Verbs that read what is published: export, query, metrics, docs, digest, alerts, dashboard, assistant.

Belongs here: options and output of these verbs.
Does not belong here: queries (reading), pages (dashboard, digest), messages (alerts).
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from customer_health.command_line.options import Config, Warehouse, given_by_make

PANEL = "Read"


def add_to(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for verb in (dashboard, digest, alerts, export, sql, docs, assistant):
        app.command(rich_help_panel=PANEL)(verb)
    app.command(rich_help_panel=PANEL, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
        metrics
    )


def export(
    warehouse: Warehouse,
    mart: Annotated[str, typer.Option(help="such as health.rpt_account_health_current", **given_by_make("MART"))],
    out: Annotated[Path, typer.Option(help="file to write", **given_by_make("OUT"))],
) -> None:
    """Write a mart as CSV that is safe to open in a spreadsheet."""
    from customer_health.reading.export import export as write

    print(f"{write(warehouse, mart, out):,} rows of {mart} in {out}")


def sql(
    warehouse: Warehouse,
    query: Annotated[str, typer.Argument(help="a select on the published marts; - reads it from standard input")],
    csv: Annotated[bool, typer.Option("--csv", help="print CSV instead of a table")] = False,
) -> None:
    """Ask the published file in SQL, read-only, without a client."""
    from customer_health.reading.query import print_query

    print_query(warehouse, sys.stdin.read() if query == "-" else query, csv)


def metrics(
    context: typer.Context,
    warehouse: Warehouse,
    config: Config,
    ask: Annotated[str | None, typer.Option(help="all words of a question as one text", **given_by_make("ASK"))] = None,
) -> None:
    """A number by its name: query --metrics … --group-by …; without a question, all names."""
    from customer_health.reading.metrics import LIST, prepare, run_mf

    os.environ.update(prepare(warehouse, config))
    run_mf(context.args or (shlex.split(ask) if ask else LIST))


def docs(warehouse: Warehouse, config: Config) -> None:
    """Write every table, column and metric on one page: docs/index.html in the warehouse."""
    from customer_health.reading.documentation import document

    print(document(warehouse, config))


def digest(
    warehouse: Warehouse,
    out: Annotated[
        Path | None,
        typer.Option(help="folder to write into (default: digest/<last day> in the warehouse)", **given_by_make("OUT")),
    ] = None,
) -> None:
    """Write the week for each CSM and for their lead, as HTML and Markdown."""
    from customer_health.digest.write import LEAD, write_digests

    written = write_digests(warehouse, out)
    if written.stale:
        print(f"not the newest: {written.stale}")
    print(f"{len(written.names)} digests in {written.folder}, {LEAD}.html for whoever leads")


def alerts(warehouse: Warehouse) -> None:
    """Tell what is new, in the log and to the webhook of the settings. Exit code 1: something waits."""
    from customer_health.alerts.notify import notify
    from customer_health.core.settings import read_settings

    # an address on the command line would be visible to every user of the machine
    report = notify(warehouse, webhook=read_settings().webhook_url)
    print("\n".join(report.lines()))
    if report.failures:
        raise typer.Exit(1)


def dashboard(
    warehouse: Warehouse,
    port: Annotated[int, typer.Option(help="port on 127.0.0.1", **given_by_make("PORT"))] = 8501,
) -> None:
    """Show the published scores on 127.0.0.1."""
    from customer_health.dashboard.serve import serve

    serve(warehouse, port)


def assistant(warehouse: Warehouse) -> None:
    """Answer AI assistants that speak the Model Context Protocol, over standard input and output."""
    from customer_health.assistants.server import build_server
    from customer_health.core.settings import read_settings

    build_server(warehouse, read_settings()).run("stdio")
