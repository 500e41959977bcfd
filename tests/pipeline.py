"""Build raw rows into a warehouse of its own, and read what comes out.

Belongs here: writing raw rows, running dbt on them, cutting raw data at the end of a day, comparing two builds.
Does not belong here: which rows a test needs (its own module) or what must come out (its assertions).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from customer_health.core.contract import Table, load_contract
from customer_health.core.sources import load_listed_tables
from customer_health.landing.raw_tables import create_raw_tables, enter_load, moment_of_load
from customer_health.reading.access import EVERYTHING
from customer_health.reading.published import Snapshot
from customer_health.refresh.refresh import BUILD_FILE
from tests.in_process import InProcess

CONTRACT = load_contract()
# everything from raw rows to the explained score, and no report
PIPELINE = (
    "int_account_days",
    "+fct_metric_points",
    "+fct_health_scores",
    "+fct_score_changes",
    "+rpt_score_changes",
    "+fct_score_drivers",
    "+fct_challenger_scores",
    "+quarantine",
    "+fct_journey_days",
)

RawRows = Mapping[str, Sequence[Mapping[str, Any]]]

# what a dated column dates: blank in raw data of an earlier day, as the date itself is
DATED_VALUES = {
    "support_tickets": {"csat_at": {"csat": None}, "solved_at": {"reopened_count": None}},
    "invoice_lines": {"paid_on": {"amount_paid": None}, "refunded_on": {"refunded_amount": None}},
    "survey_responses": {"responded_at": {"score": None, "comment": None}},
    "subscriptions": {"valid_to": {"end_reason": None}},
    "engagements": {"closed_on": {"status": "open"}, "disposition_on": {"disposition": None}},
}
# what was there from the beginning, however young its row is
DIMENSIONS = ("accounts", "csms")
BASES = {table.name: table.base for table in load_listed_tables()}


@dataclass
class Warehouse:
    """One build file, and how it is built."""

    folder: Path
    config: Path
    vars: dict[str, Any] = field(default_factory=dict)

    @property
    def build_file(self) -> Path:
        return self.folder / BUILD_FILE

    def connect(self, read_only: bool = True) -> duckdb.DuckDBPyConnection:
        self.folder.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(self.build_file), read_only=read_only)
        con.execute("set TimeZone = 'UTC'")
        return con

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as con:
            return con.execute(sql).fetchall()

    def load(self, raw: RawRows, loaded_at: datetime, file_name: str = "rows") -> None:
        """Append raw rows, as one load of the landing loader would."""
        with self.connect(read_only=False) as con:
            create_raw_tables(con, CONTRACT)
            enter_load(con, moment_of_load(con, loaded_at))
            for name, rows in raw.items():
                _append(con, CONTRACT.table(name), rows, loaded_at, file_name)

    def build(self, as_of: date, *, full_refresh: bool = False, select: Sequence[str] = PIPELINE) -> None:
        options = ["--exclude-resource-type", "test", "unit_test", "--select", *select]
        if full_refresh:
            options.append("--full-refresh")
        code = InProcess(self.folder, self.config, as_of, vars=self.vars).build(*options)
        assert code == 0, f"the build of {as_of} failed: see {self.folder / 'logs' / 'dbt.log'}"

    def incremental_tables(self) -> list[str]:
        """What is stored from build to build, of all that has been built here."""
        manifest = json.loads((self.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
        built = {
            f"{schema}.{name}" for schema, name in self.query("select schema_name, table_name from duckdb_tables()")
        }
        stored = {
            f"{node['schema']}.{node['name']}"
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
        }
        return sorted(stored & built)

    def copy(self, folder: Path, config: Path | None = None) -> Warehouse:
        """A warehouse that was built just like this one."""
        folder.mkdir(parents=True)
        shutil.copyfile(self.build_file, folder / BUILD_FILE)
        return Warehouse(folder, config or self.config, dict(self.vars))

    def cut(self, last_day: date, folder: Path) -> Warehouse:
        """Raw data as it was at the end of a day, by event and validity time (never by load time); nothing is built.

        What the whole build quarantines is left out: a row that contradicts another has no day on which it was right.
        So is what it supersedes: a fact that was corrected counts as if it had always been right.
        """
        other = Warehouse(folder, self.config, dict(self.vars))
        with other.connect(read_only=False) as con:
            create_raw_tables(con, CONTRACT)
            con.execute(f"attach '{_quoted(self.build_file)}' as whole (read_only)")
            for table in CONTRACT.tables.values():
                con.execute(f"insert into raw.{table.name} by name {_rows_known(table, last_day)}")
        return other


def as_published(warehouse: Warehouse, as_of: date) -> Snapshot:
    """A build as a reader of its publication would see it, without publishing it."""
    connection = duckdb.connect()
    connection.execute(f"attach '{_quoted(warehouse.build_file)}' as published (read_only)")
    return Snapshot("build", as_of, datetime(2026, 7, 1), EVERYTHING, connection, "published")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _append(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    loaded_at: datetime,
    file_name: str,
) -> None:
    if not rows:
        return
    unknown = {name for row in rows for name in row} - set(table.column_names)
    assert not unknown, f"{table.name} has no column {sorted(unknown)}"
    columns = {column.name: [row.get(column.name) for row in rows] for column in table.columns}
    con.register("given", pa.table({**columns, "_source_row": range(1, len(rows) + 1)}))
    casts = ", ".join(f"cast({column.name} as {column.data_type}) as {column.name}" for column in table.columns)
    con.execute(
        f"insert into raw.{table.name} by name select {casts}, cast(? as timestamp) as _loaded_at,"
        " cast(? as varchar) as _source_file, _source_row from given",
        [loaded_at, f"{table.name}/{file_name}"],
    )
    con.unregister("given")


def _rows_known(table: Table, last_day: date) -> str:
    """SQL for the rows of a table that were valid by the end of a day, with later facts blanked."""
    day = f"date '{last_day}'"
    dated = {column.name for column in table.columns if column.time == "dated"}
    values: dict[str, str] = {name: f"case when cast({name} as date) <= {day} then {name} end" for name in dated}
    for dating, dependents in DATED_VALUES.get(table.name, {}).items():
        for name, blank in dependents.items():
            otherwise = "null" if blank is None else f"'{blank}'"
            values[name] = f"case when cast({dating} as date) > {day} then {otherwise} else {name} end"
    replaced = f" replace ({', '.join(f'{expression} as {name}' for name, expression in values.items())})"
    known = _versions_known(table, day, values) if table.mutable else _facts_known(table, day)
    return f"select *{replaced if values else ''} from ({known}) as known"


def _facts_known(table: Table, day: str) -> str:
    event = next(column.name for column in table.columns if column.time in ("event", "planned"))
    return (
        f"select * from whole.raw.{table.name} where ({event} is null or cast({event} as date) <= {day})"
        f" and (_source_file, _source_row) not in"
        f" (select (source_file, source_row) from whole.staging.{BASES[table.name]} where row_fate <> 'staged')"
    )


def _versions_known(table: Table, day: str, dated_values: Mapping[str, str]) -> str:
    """Versions that held by the end of the day.

    Of a later one that does not say when it was made, the dates that it bears itself were known, the rest not yet.
    """
    if table.name in DIMENSIONS:
        begins_at = "timestamp '1900-01-01'"
    elif table.created_column:
        begins_at = f"coalesce(cast({table.created_column} as timestamp), begins_at)"
    else:
        begins_at = "coalesce(updated_at, timestamp '1900-01-01')"
    key = ", ".join(table.key)
    undated = [name for name in table.column_names if name not in dated_values]
    packed = "struct_pack(" + ", ".join(f"{name} := {name}" for name in undated) + ")"
    in_force = (
        f"last_value(case when is_known then {packed} end ignore nulls) over (partition by {key}, change_run"
        " order by version_order rows between unbounded preceding and current row)"
    )
    earlier = ", ".join(f"in_force.{name} as {name}" for name in undated)
    base = BASES[table.name]
    return (
        f"select * exclude (begins_at, version_order, change_run, version_number, is_known, in_force)"
        f" replace ({earlier}) from (select *, {in_force} as in_force from ("
        f"select *, cast(case version_number when 1 then {begins_at} else begins_at end as date) <= {day} as is_known"
        f" from (select rows.*, fates.begins_at, fates.version_order, fates.change_run, row_number() over"
        f" (partition by {', '.join(f'rows.{name}' for name in table.key)} order by fates.version_order)"
        f" as version_number"
        f" from whole.raw.{table.name} as rows inner join whole.staging.{base} as fates"
        f" on rows._source_file = fates.source_file and rows._source_row = fates.source_row"
        f" where fates.row_fate = 'staged') as versions) as dated) as forced"
        f" where in_force is not null"
    )


def differences(
    left: Warehouse,
    right: Warehouse,
    tables: Sequence[str],
    day_column: str | None = None,
    last_day: date | None = None,
    digits: int | None = None,
) -> dict[str, tuple[int, int, list[tuple[Any, ...]]]]:
    """Rows that only one of two builds has, per table: how many on either side, and the first few with their side.

    `digits` are those behind the point to which doubles are compared; all of them unless it is given.
    """
    found = {}
    with left.connect() as con:
        con.execute(f"attach '{_quoted(right.build_file)}' as other (read_only)")
        for table in tables:
            columns = ", ".join(_columns(con, table, digits))
            where = f" where {day_column} <= date '{last_day}'" if day_column and last_day else ""
            mine, theirs = (f"select {columns} from {owner}{table}{where}" for owner in ("", "other."))
            only = {"left": f"({mine} except all {theirs})", "right": f"({theirs} except all {mine})"}
            counts = [con.execute(f"select count(*) from {rows} as only_here").fetchone()[0] for rows in only.values()]
            if any(counts):
                both = " union all ".join(
                    f"select '{side}' as side, * from {rows} as only_here" for side, rows in only.items()
                )
                examples = con.execute(f"select * from ({both}) as only_once order by 3, 2, 4, 1 limit 12").fetchall()
                found[table] = (counts[0], counts[1], examples)
    return found


def _columns(con: duckdb.DuckDBPyConnection, table: str, digits: int | None) -> list[str]:
    schema, name = table.split(".")
    rows = con.execute(
        "select column_name, data_type from duckdb_columns() where database_name = current_database()"
        " and schema_name = ? and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    return [f"round({column}, {digits})" if digits and kind == "DOUBLE" else column for column, kind in rows]
