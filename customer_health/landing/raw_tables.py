"""The raw tables of the contract, and the loader's own tables, in the build file.

Belongs here: creating them, adding columns that the contract gained.
Does not belong here: what is written into them (load.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

from customer_health.core.build_file import LandingError
from customer_health.core.contract import Contract, load_contract
from customer_health.core.sql import AUDIT_COLUMNS, quote_name


def create_raw_tables(con: duckdb.DuckDBPyConnection, contract: Contract | None = None) -> None:
    """Create every raw table of the contract, empty where nothing has landed, and the loader's own tables."""
    contract = contract or load_contract()
    con.execute("create schema if not exists raw")
    for table in contract.tables.values():
        existing = existing_columns(con, table.name)
        expected = {column.name: column.data_type for column in table.columns} | AUDIT_COLUMNS
        if not existing:
            columns = ", ".join(f"{quote_name(name)} {data_type}" for name, data_type in expected.items())
            con.execute(f"create table raw.{quote_name(table.name)} ({columns})")
            continue
        for name, data_type in expected.items():
            if name not in existing:
                column = f"{quote_name(name)} {data_type}"
                con.execute(f"alter table raw.{quote_name(table.name)} add column {column}")
            elif existing[name] != data_type:
                raise LandingError(
                    f"raw.{table.name}.{name} is {existing[name]}, the raw contract says {data_type}:"
                    " load the landing files into a new warehouse folder"
                )
    con.execute("create schema if not exists landing")
    con.execute(
        "create table if not exists landing.files (file_id varchar, table_name varchar, file_name varchar,"
        " content_hash varchar, size_bytes bigint, status varchar, message varchar, row_count bigint,"
        " rejected_count bigint, loaded_at timestamp, stat_signature varchar)"
    )
    create_load_ledger(con)
    con.execute(
        "create table if not exists landing.rejected_rows (table_name varchar, file_name varchar,"
        " line bigint, reason varchar, raw_row varchar, loaded_at timestamp)"
    )
    con.execute(
        "create table if not exists landing.findings (finding varchar, severity varchar, entity varchar,"
        " detail varchar, found_at timestamp)"
    )


def create_load_ledger(con: duckdb.DuckDBPyConnection) -> None:
    """The order of loads, by a counter; loads made before there was one are in the order of their moments."""
    con.execute("create table if not exists landing.loads (load_number bigint, loaded_at timestamp)")
    con.execute(
        "insert into landing.loads select row_number() over (order by loaded_at), loaded_at"
        " from (select distinct loaded_at from landing.files where status = 'loaded')"
        " where not exists (select 1 from landing.loads)"
    )
    con.execute(
        "create table if not exists landing.reordered_loads"
        " (load_number bigint, loaded_at timestamp, ordered_at timestamp)"
    )


def moment_of_load(con: duckdb.DuckDBPyConnection, moment: datetime) -> datetime:
    """The moment for the rows of a new load: no other load has the same."""
    taken = {found for (found,) in con.execute("select loaded_at from landing.loads").fetchall()}
    while moment in taken:
        moment += timedelta(microseconds=1)
    return moment


def enter_load(con: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    """Count a load. Where the clock contradicts the counter, models learn which load came before which."""
    con.execute("insert into landing.loads select coalesce(max(load_number), 0) + 1, ? from landing.loads", [moment])
    con.execute("delete from landing.reordered_loads")
    con.execute(
        "insert into landing.reordered_loads select load_number, loaded_at, ordered_at from (select *,"
        " min(loaded_at) over (order by load_number rows between current row and unbounded following) as ordered_at,"
        " max(loaded_at) over (order by load_number rows between unbounded preceding and 1 preceding) as before_at"
        " from landing.loads) as loads where ordered_at < loaded_at or before_at > loaded_at"
    )


def existing_columns(con: duckdb.DuckDBPyConnection, table_name: str) -> dict[str, str]:
    rows = con.execute(
        "select lower(column_name), lower(data_type) from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'raw' and table_name = ?",
        [table_name],
    ).fetchall()
    return dict(rows)
