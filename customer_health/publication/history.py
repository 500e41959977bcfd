"""What was published when, and what was said differently later: two tables that travel with the published file.

They are carried from the version before, so they are always of one piece with the marts beside them. Their columns are
described in models/marts/quality/_publication__sources.yml.

Belongs here: these two tables, and why a score was restated.
Does not belong here: attempts that are held back now (status.py keeps them until the next publication).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb

from customer_health.core.sql import read_sql
from customer_health.publication.build import BUILD, Build
from customer_health.publication.copy import PUBLISHED
from customer_health.publication.reconciliation import SCORES
from customer_health.publication.store import Publication
from customer_health.publication.tables import PublishedTable

PREVIOUS = "previous"
PUBLICATIONS = "quality.fct_publications"
RESTATEMENTS = "quality.fct_score_restatements"

PUBLICATION_COLUMNS = {
    "publication_id": "varchar",
    "status": "varchar",
    "published_at": "timestamp",
    "as_of_date": "date",
    "reason": "varchar",
    "previous_publication_id": "varchar",
    "restores_publication_id": "varchar",
    "build_id": "varchar",
    "input_version": "varchar",
    "configuration_version": "varchar",
    "code_version": "varchar",
    "gate_passed": "boolean",
    "gate_checks": "bigint",
    "gate_failures": "bigint",
    "gate_warnings": "bigint",
    "gate_results": "varchar",
    "is_incremental": "boolean",
    "rebuilt_from_on": "date",
    "restated_scores": "bigint",
    "published_rows": "bigint",
    "row_counts": "varchar",
}
RESTATEMENT_COLUMNS = {
    "publication_id": "varchar",
    "restated_at": "timestamp",
    "previous_publication_id": "varchar",
    "account_id": "varchar",
    "date_day": "date",
    "scorecard": "varchar",
    "published_health_score": "double",
    "published_grade": "varchar",
    "published_score_status": "varchar",
    "restated_health_score": "double",
    "restated_grade": "varchar",
    "restated_score_status": "varchar",
    "reason": "varchar",
}
FIRST_DAY = date(1900, 1, 1)
ROLL_BACK = "roll-back"
# sums of decimals come out alike on every run; other code may round elsewhere
SAME_SCORE = 1e-9


def carry_history(con: duckdb.DuckDBPyConnection, from_previous: bool) -> None:
    """Have both tables in the attached new file, with the rows of the version before (attached as `previous`)."""
    con.execute(f"create schema if not exists {PUBLISHED}.quality")
    for name, columns in ((PUBLICATIONS, PUBLICATION_COLUMNS), (RESTATEMENTS, RESTATEMENT_COLUMNS)):
        if _columns(con, name) == list(columns):
            continue  # a copy of the version before has them
        described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"create or replace table {PUBLISHED}.{name} ({described})")
        if from_previous:
            con.execute(f"insert into {PUBLISHED}.{name} by name select * from {PREVIOUS}.{name}")


def forget_history(con: duckdb.DuckDBPyConnection) -> None:
    """Take both tables out of the attached file: the history of a copied file is not that of the new one."""
    for name in (PUBLICATIONS, RESTATEMENTS):
        con.execute(f"drop table if exists {PUBLISHED}.{name}")


def own_tables() -> list[PublishedTable]:
    """Both tables, as tables of the published file."""
    described = ((PUBLICATIONS, PUBLICATION_COLUMNS), (RESTATEMENTS, RESTATEMENT_COLUMNS))
    return [PublishedTable(name, name, tuple(columns.items())) for name, columns in described]


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    rows = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name || '.' || table_name = ?"
        " order by column_index",
        [PUBLISHED, name],
    ).fetchall()
    return [row[0] for row in rows]


def add_restatements(
    con: duckdb.DuckDBPyConnection,
    publication_id: str,
    moment: Any,
    previous: Publication,
    reason: str,
    since: date = FIRST_DAY,
    database: str = BUILD,
) -> int:
    """Enter each score from `since` on that was shown before and is another one in `database`; return how many."""
    shown = "account_id, date_day, scorecard, health_score, grade, score_status"
    days = f"date_day >= date '{since}' and date_day <= date '{previous.as_of}'"
    added = con.execute(
        read_sql(
            __file__,
            "add_restatements",
            published=PUBLISHED,
            restatements=RESTATEMENTS,
            shown=shown,
            previous=PREVIOUS,
            scores=SCORES,
            days=days,
            database=database,
            same_score=SAME_SCORE,
        ),
        [publication_id, moment, previous.publication_id, reason],
    ).fetchall()
    return int(added[0][0])


def reason_of(build: Build, previous: Publication) -> str:
    """What is known to differ between the two builds; with the same code and configuration, only data can."""
    reasons = []
    if previous.configuration_version != build.configuration_version:
        reasons.append("configuration")
    if previous.code_version != build.code_version:
        reasons.append("code")
    return " and ".join(reasons) or "late data"


def add_publications(con: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Enter attempts and publications that are not there yet."""
    for row in rows:
        values = {column: row.get(column) for column in PUBLICATION_COLUMNS}
        marks = ", ".join(f"cast(? as {kind}) as {column}" for column, kind in PUBLICATION_COLUMNS.items())
        con.execute(
            f"insert into {PUBLISHED}.{PUBLICATIONS} by name select {marks} where not exists"
            f" (select 1 from {PUBLISHED}.{PUBLICATIONS} where publication_id = ?)",
            [*values.values(), row["publication_id"]],
        )


def publication_row(publication: Publication, gate_results: str | None, reason: str | None = None) -> dict[str, Any]:
    """The row of fct_publications that tells of a publication."""
    return {
        "publication_id": publication.publication_id,
        "status": publication.status,
        "published_at": publication.published_at,
        "as_of_date": publication.as_of,
        "reason": reason,
        "previous_publication_id": publication.previous_publication_id,
        "restores_publication_id": publication.restores_publication_id,
        "build_id": publication.build_id,
        "input_version": publication.input_version,
        "configuration_version": publication.configuration_version,
        "code_version": publication.code_version,
        "gate_passed": True,
        "gate_checks": publication.gate_checks,
        "gate_failures": 0,
        "gate_warnings": publication.gate_warnings,
        "gate_results": gate_results,
        "is_incremental": publication.is_incremental,
        "rebuilt_from_on": publication.rebuilt_from,
        "restated_scores": publication.restated_scores,
        "published_rows": sum(publication.row_counts.values()),
        "row_counts": json.dumps(publication.row_counts, sort_keys=True),
    }
