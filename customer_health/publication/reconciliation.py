"""Prove that a published file holds what the build holds, no row more or less.

Belongs here: counting both sides, and what an incremental copy has to show besides.
Does not belong here: writing (copy.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from customer_health.core.sql import quote_text
from customer_health.publication.build import BUILD, Build
from customer_health.publication.copy import PUBLISHED
from customer_health.publication.files import PublicationError
from customer_health.publication.store import Publication
from customer_health.publication.tables import PublishedTable, PublishedView

Months = dict[str, int]
SCORES = "health.fct_health_scores"
MONTH = "cast(cast(date_trunc('month', date_day) as date) as varchar)"


class BaseDiffersError(RuntimeError):
    """The version before and the build differ in more than the rebuilt days: the file has to be written anew."""


def expected_counts(con: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]) -> dict[str, int]:
    """How many rows of the build belong into each table."""
    arms = (
        f"select {quote_text(table.name)}, count(*) from {BUILD}.{table.source} where {table.rows}" for table in tables
    )
    return dict(con.execute(" union all ".join(arms)).fetchall())


def published_counts(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, int]:
    arms = (f"select {quote_text(name)}, count(*) from {PUBLISHED}.{name}" for name in names)
    return dict(con.execute(" union all ".join(arms)).fetchall())


def reconcile(expected: dict[str, int], found: dict[str, int]) -> None:
    """Refuse a file that lost or gained a row on the way."""
    for name, rows in sorted(expected.items()):
        if found[name] != rows:
            raise PublicationError(f"{name}: {found[name]:,} of {rows:,} rows arrived; nothing was published")


def read_views(con: duckdb.DuckDBPyConnection, views: Sequence[PublishedView]) -> None:
    """A view that cannot be bound in the published file would fail its first reader."""
    for view in views:
        con.execute(f"select * from {PUBLISHED}.{view.name} limit 0")


def source_counts(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[PublishedTable],
    build: Build,
    previous: Publication | None = None,
) -> dict[str, Months]:
    """Rows of the build per table that is built by day and month, before any cut.

    With the version before, only months from the first rebuilt day on are counted; what lies before has to sum to what
    was counted then.
    """
    found: dict[str, Months] = {}
    for table in (table for table in tables if table.by_day):
        first_month = build.rebuilt_from.replace(day=1)
        where = f" where date_day >= date '{first_month}'" if previous else ""
        counted: Months = dict(
            con.execute(f"select {MONTH}, count(*) from {BUILD}.{table.source}{where} group by 1 order by 1").fetchall()
        )
        if previous:
            known = previous.source_counts[table.name]
            before = {month: rows for month, rows in known.items() if date.fromisoformat(month) < first_month}
            total = con.execute(f"select count(*) from {BUILD}.{table.source}").fetchall()[0][0]
            if total - sum(counted.values()) != sum(before.values()):
                raise BaseDiffersError(f"{table.name} changed before {first_month}")
            counted = {**before, **counted}
        found[table.name] = counted
    return found


def incremental_counts(
    con: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable], build: Build
) -> dict[str, int]:
    """How many rows each table must have after an incremental copy.

    For tables that are built by day: what the file holds before the rebuilt days (`source_counts` has shown that
    nothing changed there), plus what the build holds from there on. Scores are compared by content, over all history.
    """
    expected = expected_counts(con, [table for table in tables if not table.by_day])
    for table in (table for table in tables if table.by_day):
        day = f"date '{build.rebuilt_from}'"
        kept = con.execute(f"select count(*) from {PUBLISHED}.{table.name} where date_day < {day}").fetchall()[0][0]
        again = f"select count(*) from {BUILD}.{table.source} where ({table.rows}) and date_day >= {day}"
        expected[table.name] = kept + con.execute(again).fetchall()[0][0]
    if any(table.name == SCORES for table in tables) and _scores(con, BUILD) != _scores(con, PUBLISHED):
        raise BaseDiffersError(f"{SCORES} changed before {build.rebuilt_from}")
    return expected


def _scores(con: duckdb.DuckDBPyConnection, database: str) -> object:
    shown = "account_id, date_day, scorecard, score_status, health_score, grade"
    return con.execute(f"select count(*), sum(hash({shown})) from {database}.{SCORES}").fetchall()


def fingerprints(
    con: duckdb.DuckDBPyConnection, name: str, columns: str, by_month: bool, where: str = "true"
) -> dict[str, tuple[int, str]]:
    """Rows, and rows with the sum of their hashes, of a published table: per month, or '' for all of it."""
    month = MONTH if by_month else "''"
    rows = con.execute(
        f"select {month}, count(*), count(*) || '-' || coalesce(sum(hash({columns})), 0) from {PUBLISHED}.{name}"
        f" where {where} group by all order by 1"
    ).fetchall()
    return {month: (count, fingerprint) for month, count, fingerprint in rows}
