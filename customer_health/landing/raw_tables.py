"""The raw tables of the contract, and the loader's own tables, in the build file.

Belongs here: creating them, adding columns that the contract gained.
Does not belong here: what is written into them (load.py).
"""

from __future__ import annotations

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
    con.execute(
        "create table if not exists landing.rejected_rows (table_name varchar, file_name varchar,"
        " line bigint, reason varchar, raw_row varchar, loaded_at timestamp)"
    )
    con.execute(
        "create table if not exists landing.findings (finding varchar, severity varchar, entity varchar,"
        " detail varchar, found_at timestamp)"
    )


def existing_columns(con: duckdb.DuckDBPyConnection, table_name: str) -> dict[str, str]:
    rows = con.execute(
        "select lower(column_name), lower(data_type) from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'raw' and table_name = ?",
        [table_name],
    ).fetchall()
    return dict(rows)
