"""One rule of versions for every table: however the same rows are split over files and loads, they say the same.

Belongs here: random versions of random rows of each raw table, and the SQL of staging as dbt compiles it, on them.
Does not belong here: what a version means further on (test_pipeline_properties.py), single cases (tests/unit).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_health.core.contract import Column, Table
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.core.sources import ListedTable, load_listed_tables
from customer_health.landing.raw_tables import create_raw_tables
from tests.built_once import built_once
from tests.in_process import InProcess
from tests.pipeline import CONTRACT

LISTED = {table.name: table for table in load_listed_tables()}
# of the identifiers, only what staging makes of them is a table of its own
TABLES = [name for name in CONTRACT.tables if name != "account_identifiers"]
MUTABLE = [name for name in TABLES if CONTRACT.table(name).mutable]
# dates of facts that become known later, one after the other
DATED = {name: [column.name for column in CONTRACT.table(name).columns if column.time == "dated"] for name in TABLES}
SEEDS = range(3)
CREATED = datetime(2026, 1, 1, 9)
FIRST_LOAD = datetime(2026, 11, 1, 3)
# what tells when a row arrived, and where only the load dates a change, when it holds
OF_THE_LOAD = {"loaded_at", "valid_from", "valid_to", "valid_from_on", "valid_to_on", "version_number"}
MORE_KEYS = ("milestone", "starts_on", "changed_at")
FIXED: dict[str, Any] = {
    "account_id": "acme",
    "user_id": None,
    "currency": "USD",
    "survey": "csat",
    "desired_outcome": "growth",
    "billing_status": "paid",
    "line_type": "recurring",
    "ticket_id": "t1",
}


@dataclass(frozen=True)
class Arrival:
    """A raw row, in a file of a load."""

    row: dict[str, Any]
    load: int
    file: str


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    folder = built_once("compiled staging", lambda empty: _compile_staging(empty, {}))
    files = (folder / "target" / "compiled" / "customer_health" / "models" / "staging").rglob("*.sql")
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


def _compile_staging(folder: Path, dbt_vars: dict[str, Any], *select: str) -> None:
    arguments = ["compile", "--quiet", "--select", *(select or ["path:models/staging,resource_type:model"])]
    assert InProcess(folder, DEFAULT_CONFIG, date(2026, 12, 31), vars=dbt_vars).run(arguments) == 0


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Raw tables, and what staging reads of other tables."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("attach ':memory:' as build")
        con.execute("use build")
        create_raw_tables(con, CONTRACT)
        con.execute(
            """
            create schema staging;
            create schema configuration;
            create table staging.stg_crm__account_keys as
            select unnest(['crm', 'product', 'support', 'billing', 'survey']) as source, 'acme' as external_id,
                'acme' as account_id, timestamp '1900-01-01' as valid_from, timestamp '9999-12-31' as valid_to;
            create table staging.stg_crm__users as
            select 'u1' as user_id, 'acme' as account_id, timestamp '1900-01-01' as valid_from,
                timestamp '9999-12-31' as valid_to, 1 as version_number;
            create table staging.stg_support__tickets as
            select 't1' as ticket_id, 'acme' as account_id, 1 as version_number;
            create table staging.stg_billing__exchange_rates as
            select 'USD' as currency, date '1900-01-01' as valid_from_on, date '9999-12-31' as valid_to_on,
                date '1900-01-01' as month_starts_on, 1.0 as usd_per_unit;
            create table configuration.desired_outcomes as select 'growth' as desired_outcome;
            create table configuration.word_synonyms
                (raw_table varchar, raw_column varchar, word varchar, means varchar);
            """
        )
        yield con


@pytest.mark.parametrize("name", MUTABLE)
def test_rows_that_say_when_they_changed_may_arrive_in_any_way(name, warehouse, compiled):
    for seed in SEEDS:
        pick = random.Random(seed)
        versions = [
            {**row, "updated_at": CREATED + timedelta(days=number)}
            for rows in _versions(CONTRACT.table(name), pick)
            for number, row in enumerate(rows)
        ]
        _assert_same_rows(warehouse, compiled, name, pick, [(row, "rows") for row in versions])


@pytest.mark.parametrize("name", TABLES)
def test_files_that_bear_a_date_may_arrive_in_any_way(name, warehouse, compiled):
    for seed in SEEDS:
        pick = random.Random(seed)
        forms = pick.choice(["dump_%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT0330_full", "month 12/%Y-%m-%d"])
        rows = [
            (row, (CREATED + timedelta(days=number)).strftime(forms))
            for versions in _versions(CONTRACT.table(name), pick)
            for number, row in enumerate(versions)
        ]
        _assert_same_rows(warehouse, compiled, name, pick, rows)


@pytest.mark.parametrize("name", TABLES)
def test_rows_that_nothing_dates_end_up_the_same_however_their_loads_are_cut(name, warehouse, compiled):
    """Rows arrive one after the other; loads bring one of them or several."""
    for seed in SEEDS:
        pick = random.Random(seed)
        histories = _versions(CONTRACT.table(name), pick)
        ends = []
        for _ in range(2):
            arrivals = []
            for rows in histories:
                load = 0
                for row in rows:
                    # what shows no date of its own cannot be put in order within a load
                    load += pick.choice([0, 1, 2]) if DATED[name] else 1
                    arrivals += [Arrival(row, load, "rows")] * pick.choice([1, 1, 2])
            pick.shuffle(arrivals)
            ends.append(_current_state(_staged(warehouse, compiled, name, arrivals), LISTED[name]))
        assert ends[0] == ends[1], f"seed {seed}"


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_one_load_that_contradict_each_other_wait_both(name, warehouse, compiled):
    table = CONTRACT.table(name)
    row = {**_row(table, random.Random(1), 0), "updated_at": None}
    column = next(column for column in reversed(table.columns) if _may_differ(table, column))
    other = {**row, column.name: _other(row[column.name])}
    _staged(warehouse, compiled, name, [Arrival(row, 1, "one"), Arrival(other, 1, "other"), Arrival(row, 1, "copy")])
    fates = warehouse.execute(
        f"select source_file, row_fate, quarantine_reason from staging.{LISTED[name].base}"
        " where row_fate <> 'superseded' order by 1"
    ).fetchall()
    assert {f"{name}/one.csv", f"{name}/other.csv"} <= {file for file, _, _ in fates}
    assert {(fate, reason) for _, fate, reason in fates} == {("quarantined", "conflicting_version")}
    # in two loads the same is a change
    _staged(warehouse, compiled, name, [Arrival(row, 1, "one"), Arrival(other, 2, "other")])
    current = warehouse.execute(
        f"select {column.name} = cast(? as {column.data_type}) from staging.{LISTED[name].base}"
        " where row_fate = 'staged' order by version_order desc limit 1",
        [other[column.name]],
    ).fetchall()
    assert current == [(True,)]


def test_a_file_bears_its_date_in_its_name(warehouse, tmp_path):
    """The var file_dates says how; a date that cannot be is none."""
    forms = {"users": "ddmmyyyy", "csms": "mmddyyyy", "engagements": "none"}
    _compile_staging(tmp_path, {"file_dates": forms}, "base_crm__accounts", *(f"base_crm__{name}" for name in forms))
    files = (tmp_path / "target" / "compiled").rglob("*.sql")
    compiled = {path.stem: path.read_text(encoding="utf-8") for path in files}
    for table, file, expected in (
        ("accounts", "accounts/accounts_2026-06-01.csv", datetime(2026, 6, 1)),
        ("accounts", "s3://lake/2025-01-01/20260601T0330Z.parquet", datetime(2026, 6, 1, 3, 30)),
        ("accounts", "accounts/2026-06-01_23-59-59 full.csv", datetime(2026, 6, 1, 23, 59, 59)),
        ("accounts", "accounts/2026-06-01_2.csv", datetime(2026, 6, 1)),
        ("accounts", "accounts/export 120260601.csv", None),
        ("accounts", "accounts/2026-13-01.csv", None),
        ("accounts", "accounts/2026-02-30.csv", None),
        ("accounts", "accounts/01062026.csv", None),
        # ahead of its load by more than clocks differ
        ("accounts", "accounts/2026-11-03.csv", None),
        ("accounts", None, None),
        ("users", "users/export 01.06.2026.csv", datetime(2026, 6, 1)),
        ("csms", "csms/06-01-2026.csv", datetime(2026, 6, 1)),
        ("engagements", "engagements/2026-06-01.csv", None),
    ):
        row = _row(CONTRACT.table(table), random.Random(1), 0)
        _insert(warehouse, table, [(row, FIRST_LOAD, file)])
        found = warehouse.execute(f"select file_dated_at from ({compiled[f'base_crm__{table}']})").fetchall()
        assert found == [(expected,)], file


def _assert_same_rows(
    con: duckdb.DuckDBPyConnection,
    compiled: dict[str, str],
    name: str,
    pick: random.Random,
    rows: Sequence[tuple[dict[str, Any], str]],
) -> None:
    found = []
    for _ in range(2):
        arrivals = [Arrival(row, pick.randrange(4), file) for row, file in rows]
        arrivals += [Arrival(row, pick.randrange(4), file) for row, file in rows if pick.random() < 0.3]
        if not any(row["updated_at"] for row, _ in rows):
            # one file is one export, whichever load brings it
            loads = {file: pick.randrange(4) for _, file in rows}
            arrivals = [Arrival(arrival.row, loads[arrival.file], arrival.file) for arrival in arrivals]
        else:
            arrivals = [Arrival(arrival.row, arrival.load, f"rows {pick.randrange(3)}") for arrival in arrivals]
        pick.shuffle(arrivals)
        found.append(_staged(con, compiled, name, arrivals))
    columns = [column for column in found[0][0] if column != "loaded_at"]
    one, other = (sorted(repr([row[column] for column in columns]) for row in rows) for rows in found)
    assert one == other


def _current_state(staged: list[dict[str, Any]], listed: ListedTable) -> list[str]:
    """Of each key, what its last version says."""
    last: dict[Any, dict[str, Any]] = {}
    for row in staged:
        key = tuple(row[column] for column in row if column.endswith("_id") or column in MORE_KEYS)
        if key not in last or row.get("version_number", 0) > last[key].get("version_number", 0):
            last[key] = row
    without = OF_THE_LOAD | {"is_undated_version"}
    return sorted(
        repr({column: value for column, value in row.items() if column not in without}) for row in last.values()
    )


def _staged(
    con: duckdb.DuckDBPyConnection, compiled: dict[str, str], name: str, arrivals: Sequence[Arrival]
) -> list[dict[str, Any]]:
    """What staging makes of these rows; none of them gets lost."""
    listed = LISTED[name]
    rows = [
        (arrival.row, FIRST_LOAD + timedelta(days=arrival.load), f"{name}/{arrival.file}.csv") for arrival in arrivals
    ]
    _insert(con, name, rows)
    base = listed.base
    if listed.has_own_arms:
        base = "base_product__usage_events"
        con.execute(
            "create or replace table staging.base_product__repeated_events as"
            " select event_id from raw.usage_events group by 1 having count(*) > 1"
        )
    con.execute(f"create or replace table staging.{base} as {compiled[base]}")
    if base != listed.base:
        con.execute(f"create or replace table staging.{listed.base} as from staging.{base}")
    counted = con.execute(f"select count(*), count(row_fate) from staging.{base}").fetchall()
    assert counted == [(len(arrivals), len(arrivals))]
    staged = con.execute(compiled[listed.staged])
    names = [column for column, *_ in staged.description]
    return [dict(zip(names, row, strict=True)) for row in staged.fetchall()]


def _insert(
    con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[dict[str, Any], datetime, str | None]]
) -> None:
    """In place of all raw rows of a table: rows, when they were loaded, and their file."""
    columns = CONTRACT.table(name).column_names
    marks = ", ".join("?" for _ in range(len(columns) + 3))
    con.execute(f"delete from raw.{name}")
    con.executemany(
        f"insert into raw.{name} ({', '.join(columns)}, _loaded_at, _source_file, _source_row) values ({marks})",
        [
            [*(row.get(column) for column in columns), loaded_at, file, number]
            for number, (row, loaded_at, file) in enumerate(rows)
        ],
    )


def _versions(table: Table, pick: random.Random) -> list[list[dict[str, Any]]]:
    """Some rows, each with versions that follow each other; where it has dates of its own, each knows one more."""
    histories = []
    for key in range(pick.randint(1, 3)):
        rows: list[dict[str, Any]] = []
        dates = DATED[table.name]
        for number in range(pick.randint(1, len(dates) + 1 if dates else 4)):
            row = {**_row(table, pick, key), "updated_at": None}
            for column in table.columns:
                if column.name in table.key or column.time == "event" and column.name != "updated_at":
                    row[column.name] = (rows or [row])[0][column.name]
                elif column.time == "dated" and dates.index(column.name) >= number:
                    row[column.name] = None
            rows.append(row)
        histories.append(rows)
    return histories


def _row(table: Table, pick: random.Random, key: int) -> dict[str, Any]:
    return {column.name: _value(table, column, pick, key) for column in table.columns}


def _value(table: Table, column: Column, pick: random.Random, key: int) -> Any:
    if column.name in FIXED and table.key != (column.name,):
        return FIXED[column.name]
    if column.name in table.key and column.time is None:
        return f"{column.name}-{key}"
    if column.time in ("event", "planned"):
        return CREATED + timedelta(days=400 if column.name.endswith("ends_on") else key)
    if column.time == "dated":
        return CREATED + timedelta(days=10)
    if column.values:
        return pick.choice(column.values)
    return {"varchar": f"text {pick.randrange(3)}", "boolean": pick.random() < 0.5}.get(
        column.data_type, pick.randint(1, 5)
    )


def _may_differ(table: Table, column: Column) -> bool:
    return column.time in (None, "planned") and column.name not in table.key and column.name not in FIXED


def _other(value: Any) -> Any:
    match value:
        case str():
            return "other"
        case bool():
            return not value
        case datetime():
            return value + timedelta(days=1)
    return 4 if value == 5 else 5
