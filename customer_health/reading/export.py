"""Write a mart of the published file as CSV that is safe to open in a spreadsheet.

Belongs here: reading one mart, and what makes its text harmless.
Does not belong here: which rows somebody may see, or any other format (BI tools read the published file itself).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import duckdb

from customer_health.core.errors import CustomerHealthError
from customer_health.publication.store import PUBLISHED_FILE

# what a spreadsheet takes for the beginning of a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class ExportError(CustomerHealthError):
    """Nothing was written; the message says why."""


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers and days stay as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a header and rows, each value harmless, and return the number of rows."""
    writer = csv.writer(out)
    writer.writerow([harmless(column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        count += 1
    return count


def export(warehouse: Path, mart: str, out: Path) -> int:
    """Write all rows of a mart and return their number.

    Args:
        warehouse: folder of the published file, which is opened read-only.
        mart: schema and table, such as `health.rpt_account_health_current`.
        out: file to write; one that is there already is replaced.

    Raises:
        ExportError: no published file, or no such mart in it.
    """
    published = warehouse / PUBLISHED_FILE
    if not published.exists():
        raise ExportError(f"{published}: nothing has been published here yet")
    with duckdb.connect() as con:
        # under a name of its own: in a file that is opened as health.duckdb, health is the file and the schema
        quoted = str(published).replace("'", "''")
        con.execute(f"attach '{quoted}' as published (read_only)")
        marts = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_catalog = 'published'"
        ).fetchall()
        if (mart,) not in marts:
            raise ExportError(f"{published}: there is no mart '{mart}'")
        schema, _, table = mart.partition(".")
        found = con.execute(f'select * from published."{schema}"."{table}"')
        columns = [column[0] for column in found.description]
        with out.open("w", encoding="utf-8", newline="") as file:
            return write_csv(file, columns, iter(found.fetchone, None))
