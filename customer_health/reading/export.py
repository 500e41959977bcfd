"""Write a mart of the published file as CSV that is safe to open in a spreadsheet.

Belongs here: reading one mart, and what makes its text harmless.
Does not belong here: which rows somebody may see, or any other format (BI tools read the published file itself).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from customer_health.core.errors import CustomerHealthError
from customer_health.core.sql import quote_name
from customer_health.reading.published import NothingPublishedError, opened

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
    try:
        with opened(warehouse) as con:
            marts = con.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_catalog = current_database()"
            ).fetchall()
            if (mart,) not in marts:
                raise ExportError(f"{warehouse}: there is no mart '{mart}' in what is published")
            schema, _, table = mart.partition(".")
            found = con.execute(f"select * from {quote_name(schema)}.{quote_name(table)}")
            columns = [column[0] for column in found.description]
            with out.open("w", encoding="utf-8", newline="") as file:
                return write_csv(file, columns, iter(found.fetchone, None))
    except NothingPublishedError as error:
        raise ExportError(str(error)) from error
