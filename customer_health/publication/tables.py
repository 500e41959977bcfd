"""What of a build is published: which tables, which rows of them, and what becomes of views.

Tables of the mart schemas are published as they are, with one cut: points of shadow metrics (those that no scorecard
ever weighs) for the last 120 days only. Most marts are faces: views that list columns of one relation of
`intermediate`. The face of a table becomes a table of the published file. A view stays a view where all it reads is
published in its own schema, by a face or by itself; two helper tables that the drivers need are published beside it for
that. Any other view becomes a table. Names inside views are bare, so that they read right whatever name the file is
attached under (DuckDB 1.2 and later).

Belongs here: choosing tables and rows, rewriting views, refusing what is personal.
Does not belong here: writing them (copy.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import duckdb

from customer_health.core.contract import load_contract
from customer_health.publication.build import BUILD, Build
from customer_health.publication.files import PublicationError

MART_SCHEMAS = ("health", "journey", "quality", "validation")
# what fct_score_drivers stands on, beside marts: account, day, scorecard and weights only
HELPERS = ("intermediate.int_scores", "intermediate.int_scorecard_weights")
HELPERS_SCHEMA = "health"
SHADOW_DAYS = 120
SHADOWED_TABLE = "health.fct_metric_points"
WEIGHTED_METRICS = f"select metric from {BUILD}.intermediate.int_scorecard_weights"
# Rows that are read together lie together: an account's days of a month, or a month of all accounts, are found without
# reading the rest. What stays the same from day to day is stored once, so the file does not grow by it.
ROW_ORDER = ("account_id", "scorecard", "desired_outcome", "metric", "date_day")
# a face lists columns of one relation and does nothing else
FACE = re.compile(r'select (?:"?\w+"?, )*"?\w+"? from "?(\w+)"?\."?(\w+)"?', re.IGNORECASE)
# the publication's own, written by history.py
OWN_TABLES = ("quality.fct_publications", "quality.fct_score_restatements")


@dataclass(frozen=True)
class PublishedTable:
    """One table of the published file, and the rows of the build that belong into it."""

    name: str
    source: str
    columns: tuple[tuple[str, str], ...]
    by_day: bool = False
    rows: str = "true"

    @property
    def schema(self) -> str:
        return self.name.split(".")[0]

    @property
    def column_list(self) -> str:
        return ", ".join(f'"{name}"' for name, _ in self.columns)

    @property
    def order(self) -> str:
        """How rows lie in the published table, as an `order by`; nothing for tables that are not built by day."""
        names = [name for name, _ in self.columns]
        if not self.by_day or "account_id" not in names:
            return ""
        return f"order by date_trunc('month', date_day), {', '.join(name for name in ROW_ORDER if name in names)}"

    def select(self, where: str = "true") -> str:
        rows = f"select {self.column_list} from {BUILD}.{self.source} where ({self.rows}) and ({where})"
        return f"{rows} {self.order}".rstrip()


@dataclass(frozen=True)
class PublishedView:
    """A view of the published file: a select that names relations of its own schema only."""

    name: str
    select: str

    @property
    def schema(self) -> str:
        return self.name.split(".")[0]


def published_relations(
    con: duckdb.DuckDBPyConnection, build: Build
) -> tuple[list[PublishedTable], list[PublishedView]]:
    """The tables and views of the next publication, from the attached build.

    Raises:
        PublicationError: a mart carries a column that the raw contract calls personal.
    """
    relations = _relations(con)
    columns = _columns(con)
    tables: list[PublishedTable] = []
    views: list[PublishedView] = []
    for name in relations.selects:
        if not _is_mart(name) and name not in HELPERS:
            continue
        published = relations.published_name(name) or name
        if published in OWN_TABLES:
            raise PublicationError(f"{name} is a name that the publication keeps for itself: rename the model")
        if relations.stays_view(name):
            views.append(PublishedView(published, relations.published_select(name)))
            continue
        rows = _rows_of_shadows(build.as_of) if name == SHADOWED_TABLE else "true"
        by_day = name in build.tables_by_day
        tables.append(PublishedTable(published, name, columns[name], by_day, rows))
    _refuse_personal(tables)
    # a view may read another one
    return sorted(tables, key=lambda table: table.name), _in_order(views)


@dataclass(frozen=True)
class _Relations:
    """The relations of the build: the select of each view, None for a table."""

    selects: dict[str, str | None]

    @cached_property
    def _shown(self) -> dict[str, str]:
        """What each face shows."""
        found = ((name, FACE.fullmatch(select or "")) for name, select in self.selects.items() if _is_mart(name))
        shown = {name: f"{face[1]}.{face[2]}" for name, face in found if face}
        return {name: relation for name, relation in shown.items() if not _is_mart(relation)}

    @cached_property
    def _faces(self) -> dict[str, str]:
        """The face of each relation that has one."""
        return {relation: name for name, relation in self._shown.items()}

    def published_name(self, name: str) -> str | None:
        """Under which name readers find the rows of a relation; None if they do not."""
        if name in HELPERS:
            return f"{HELPERS_SCHEMA}.{name.split('.')[1]}"
        return name if _is_mart(name) else self._faces.get(name)

    def stays_view(self, name: str) -> bool:
        """Whether all that a view reads is published in the schema of the view, under another name than its own."""
        if self.selects[name] is None:
            return False
        schema = name.split(".")[0]
        published = [self.published_name(read) for read in self._read_by(self._select(name))]
        return all(read and read != name and read.split(".")[0] == schema for read in published)

    def published_select(self, name: str) -> str:
        """The select of a view that stays one, with the names of relations bare."""
        select = self._select(name)
        for read in self._read_by(select):
            schema, table = read.split(".")
            bare = (self.published_name(read) or read).split(".")[1]
            select = re.sub(rf'(?:"?{BUILD}"?\.)?"?\b{schema}\b"?\."?\b{table}\b"?', bare, select)
        return select

    def _select(self, name: str) -> str:
        """The select of a view; of the face of a view, with that view written out."""
        select = self.selects[name] or ""
        shown = self._shown.get(name)
        written_out = self.selects.get(shown) if shown else None
        if not shown or not written_out:
            return select
        columns = re.split(r"\bfrom\b", select, maxsplit=1, flags=re.IGNORECASE)[0]
        return f"{columns}from ({written_out}) as {shown.split('.')[1]}"

    def _read_by(self, select: str) -> set[str]:
        names = {f"{schema}.{name}" for schema, name in re.findall(r'\b(\w+)"?\."?(\w+)\b', select)}
        return names & set(self.selects)


def _is_mart(name: str) -> bool:
    return name.split(".")[0] in MART_SCHEMAS


def _relations(con: duckdb.DuckDBPyConnection) -> _Relations:
    rows = con.execute(
        "select schema_name || '.' || table_name, cast(null as varchar) from duckdb_tables() where database_name = $1"
        " union all"
        " select schema_name || '.' || view_name, sql from duckdb_views() where database_name = $1 and not internal",
        [BUILD],
    ).fetchall()
    return _Relations({name: sql and _select_of(sql) for name, sql in rows})


def _select_of(sql: str) -> str:
    """What a view selects, without the words that create it."""
    head = r"^\s*create\s+view\s+\S+(\s*\([^)]*\))?\s+as\s+"
    return re.sub(head, "", sql, count=1, flags=re.IGNORECASE).rstrip().rstrip(";")


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, data_type in con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? order by column_index",
        [BUILD],
    ).fetchall():
        found.setdefault(table, []).append((column, data_type))
    return {table: tuple(columns) for table, columns in found.items()}


def _in_order(views: list[PublishedView]) -> list[PublishedView]:
    """Views after the views that they read."""
    done: list[PublishedView] = []
    left = sorted(views, key=lambda view: view.name)
    while left:
        names = {view.name.split(".")[1] for view in left}
        ready = [
            view
            for view in left
            if not any(re.search(rf"\b{name}\b", view.select) for name in names - {view.name.split(".")[1]})
        ]
        done += ready or left
        left = [view for view in left if view not in done]
    return done


def first_shadow_day(as_of: date) -> date:
    return as_of - timedelta(days=SHADOW_DAYS - 1)


def _rows_of_shadows(as_of: date) -> str:
    return f"date_day >= date '{first_shadow_day(as_of)}' or metric in ({WEIGHTED_METRICS})"


def rows_that_left(previous_as_of: date, as_of: date) -> str:
    """Rows of shadow metrics that were published then and are too old now."""
    left = f"date_day >= date '{first_shadow_day(previous_as_of)}' and date_day < date '{first_shadow_day(as_of)}'"
    return f"{left} and metric not in ({WEIGHTED_METRICS})"


def _refuse_personal(tables: list[PublishedTable]) -> None:
    """No column that the raw contract calls personal leaves the build file."""
    contract = load_contract()
    personal = {column.name for table in contract.tables.values() for column in table.columns if column.personal}
    found = [f"{table.name}.{name}" for table in tables for name, _ in table.columns if name in personal]
    if found:
        raise PublicationError(f"personal data would be published: {', '.join(found)}; take it out of the mart")
