"""A question in SQL about what is published, answered on the terminal.

Belongs here: running one select read-only, and printing its rows.
Does not belong here: questions that pages and messages share (the other modules here).
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from customer_health.core.errors import CustomerHealthError
from customer_health.core.safe_text import plain
from customer_health.reading.export import write_csv
from customer_health.reading.published import Publications

ROWS_SHOWN = 200


class QueryError(CustomerHealthError):
    """The query cannot be answered; the message is the engine's."""


def print_query(warehouse: Path, query: str, as_csv: bool = False) -> None:
    """Print the rows of a query: all as CSV, or the first ones as a table.

    Raises:
        NothingPublishedError: nothing has been published in this warehouse.
        QueryError: the engine refuses the query.
    """
    snapshot = Publications(warehouse).current()
    try:
        rows = snapshot.rows(query)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    columns = list(rows[0]) if rows else []
    if as_csv:
        write_csv(sys.stdout, columns, [list(row.values()) for row in rows])
        return
    table = Table(*columns)
    for row in rows[:ROWS_SHOWN]:
        table.add_row(*(Text(plain(value)) for value in row.values()))
    console = Console()
    console.print(table)
    more = f", the first {ROWS_SHOWN} are shown" if len(rows) > ROWS_SHOWN else ""
    console.print(f"{len(rows):,} rows{more}; publication {snapshot.publication_id}, as of {snapshot.as_of}")
