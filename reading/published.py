"""The publication that readers see now, opened read-only.

Belongs here: finding the current version, opening it once per publication and reader, going on to the next one.
Does not belong here: what is asked (accounts.py, book.py, …), who may see what (access.py), publishing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.publication_files import quoted, read_json
from orchestration.publication_store import MANIFEST_FILE, Store
from reading.access import EVERYTHING, Reader, restrict

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Parameters = Sequence[Any] | Mapping[str, Any]

# half of what a dashboard may take; the rest is left to Python and the browser's session
MEMORY_LIMIT = "400MB"
# a version can leave between the manifest that names it and the moment it is opened
ATTEMPTS = 5


class NothingPublishedError(RuntimeError):
    """There is no publication to read; the message says what to do."""


@dataclass(frozen=True)
class Snapshot:
    """One publication, as one reader may see it. It stays readable after the next publication has come.

    Attributes:
        publication_id: which publication.
        as_of: its last day.
        published_at: when it was published, naive, in UTC.
        reader: whose eyes it is seen with.
    """

    publication_id: str
    as_of: date
    published_at: datetime
    reader: Reader
    connection: duckdb.DuckDBPyConnection = field(repr=False, compare=False)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """The rows of a query as dictionaries, in its order. Tables go by schema and name: health.dim_accounts."""
        with closing(self._cursor()) as cursor:
            found = cursor.execute(sql, parameters)
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row of a query, or nothing."""
        return next(iter(self.rows(sql, parameters)), None)

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first value of the first row, or nothing."""
        found = self.row(sql, parameters)
        return next(iter(found.values())) if found else None

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        """The rows of a query as a data frame, for charts and tables."""
        with closing(self._cursor()) as cursor:
            return cursor.execute(sql, parameters).df()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        # each cursor has its own search path; whoever is restricted finds the views of access.py under the short names
        cursor = self.connection.cursor()
        if not self.reader.is_restricted:
            cursor.execute("use published")
        return cursor


class Publications:
    """The publications of one warehouse, one after the other. Safe to share between threads.

    Args:
        warehouse: folder with the published file.
    """

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self._lock = threading.Lock()
        self._open: dict[Reader, Snapshot] = {}

    def current(self, reader: Reader = EVERYTHING) -> Snapshot:
        """What this reader sees now: the same snapshot until something else is published.

        Raises:
            NothingPublishedError: nothing has been published in this warehouse.
        """
        with self._lock:
            for attempt in range(ATTEMPTS):
                named = read_json(Store(self.warehouse).folder / MANIFEST_FILE)
                if named is None:
                    break
                seen = self._open.get(reader)
                if seen and seen.publication_id == named["current"]:
                    return seen
                try:
                    self._open[reader] = self._opened(named, reader)
                except duckdb.IOException:
                    if attempt == ATTEMPTS - 1:
                        raise
                else:
                    # the connection before is left to whoever still reads from it, and closes itself after that
                    return self._open[reader]
        raise NothingPublishedError(
            f"{self.warehouse}: nothing has been published here yet. Run `make demo`, or `make refresh` on your own "
            "data; if a build is there, its gate held it back (see gate/index.html in that folder)."
        )

    def _opened(self, named: Row, reader: Reader) -> Snapshot:
        connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": 2})
        connection.execute(f"attach {quoted(self.warehouse / named['file'])} as published (read_only)")
        restrict(connection, reader)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return Snapshot(
            named["current"],
            date.fromisoformat(named["as_of"]),
            datetime.fromisoformat(named["published_at"]),
            reader,
            connection,
        )
