"""The publication that readers see now, opened read-only.

Belongs here: finding the current version, opening it once per publication and reader, going on to the next one.
Does not belong here: what is asked (accounts.py, book.py, …), who may see what (access.py), publishing.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from customer_health.core.errors import CustomerHealthError
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.sql import quote_text
from customer_health.publication.files import read_json
from customer_health.publication.store import MANIFEST_FILE, Store
from customer_health.reading.access import EVERYTHING, Reader, restrict

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Parameters = Sequence[Any] | Mapping[str, Any]

CATALOG = "published"
# half of what a dashboard may take, for all of its readers together; the rest is left to Python
MEMORY_LIMIT = "400MB"
# a version can leave between the manifest that names it and the moment it is opened
ATTEMPTS = 5


class NothingPublishedError(CustomerHealthError):
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
    catalog: str = field(repr=False, compare=False)

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
        # each cursor has a search path of its own, and a cursor of its own makes a snapshot safe to share
        cursor = self.connection.cursor()
        cursor.execute(f"use {self.catalog}")
        return cursor


@contextmanager
def opened(warehouse: Path, file: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file for as long as one piece of work takes; tables go by schema and name.

    Args:
        warehouse: its folder.
        file: the file of a kept publication, as its manifest names it; what readers open, if none is given.

    Raises:
        NothingPublishedError: it is not there.
        duckdb.Error: it cannot be read.
    """
    names = (file,) if file else (PUBLISHED_FILE, SECOND_NAME)
    path = next((warehouse / name for name in names if (warehouse / name).exists()), None)
    if path is None:
        raise NothingPublishedError(f"{warehouse / names[0]}: nothing has been published here yet")
    with duckdb.connect() as connection:
        _attach(connection, path)
        connection.execute(f"use {CATALOG}")
        yield connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # under a name of its own, whatever the file is called: schemas are called like files that lie about
    connection.execute(f"attach {quote_text(path)} as {CATALOG} (read_only)")


class Publications:
    """The publications of one warehouse, one after the other. Safe to share between threads.

    All readers share one connection, and so its memory; each restricted one has a catalog of views in it.

    Args:
        warehouse: folder with the published file.
    """

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self._lock = threading.Lock()
        self._opened: _OpenFile | None = None

    def current(self, reader: Reader = EVERYTHING) -> Snapshot:
        """What this reader sees now: the same snapshot until something else is published.

        Raises:
            NothingPublishedError: nothing has been published in this warehouse.
            AccessError: nobody in the marts has the CSM id of this reader.
        """
        with self._lock:
            for attempt in range(ATTEMPTS):
                named = read_json(Store(self.warehouse).folder / MANIFEST_FILE)
                if named is None:
                    break
                try:
                    return self._current_file(named).seen_by(reader)
                except (duckdb.IOException, FileNotFoundError):
                    if attempt == ATTEMPTS - 1:
                        raise
        raise NothingPublishedError(
            f"{self.warehouse}: nothing has been published here yet. Run `make demo`, or `make refresh` on your own "
            "data; if a build is there, its gate held it back (see gate/index.html in that folder)."
        )

    def _current_file(self, named: Row) -> _OpenFile:
        path = self.warehouse / named["file"]
        written = path.stat()
        # forgetting somebody writes the same publication anew
        version = (named["current"], written.st_dev, written.st_ino, written.st_mtime_ns)
        if self._opened is None or self._opened.version != version:
            # the file before stays open for whoever still holds a snapshot of it, and is closed after that
            self._opened = _OpenFile(path, version, named)
        return self._opened


class _OpenFile:
    """One published file, opened once, and the snapshots that readers have of it."""

    def __init__(self, path: Path, version: tuple[Any, ...], named: Row) -> None:
        self.version = version
        self._named = named
        self._seen: dict[Reader, Snapshot] = {}
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY_LIMIT,
                "threads": 2,
                # made when a query needs it, and deleted with the connection
                "temp_directory": str(
                    Path(tempfile.gettempdir()) / f"customer_health_reading_{os.getpid()}_{id(self)}"
                ),
            }
        )
        _attach(self._connection, path)
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    def seen_by(self, reader: Reader) -> Snapshot:
        if reader not in self._seen:
            self._seen[reader] = self._snapshot(reader)
        return self._seen[reader]

    def _snapshot(self, reader: Reader) -> Snapshot:
        catalog = CATALOG
        if reader.is_restricted:
            catalog = f"reader_{len(self._seen)}"
            self._connection.execute(f"attach ':memory:' as {catalog}")
            try:
                restrict(self._connection, reader, catalog)
            except BaseException:
                self._connection.execute(f"detach {catalog}")
                raise
        return Snapshot(
            self._named["current"],
            date.fromisoformat(self._named["as_of"]),
            datetime.fromisoformat(self._named["published_at"]),
            reader,
            self._connection.cursor(),
            catalog,
        )
