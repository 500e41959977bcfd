"""Describe a file as a relation: which of its columns is which, and the SQL that reads it.

Belongs here: matching columns with the contract, refusing a file whose columns do not fit, the SQL to read
CSV, JSON Lines and Parquet, and to tell good values from bad ones.
Does not belong here: transactions, the ledger, what happens to bad rows (load.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from customer_health.core.contract import Column, Table
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, quote_text
from customer_health.core.words import did_you_mean
from customer_health.landing.text import NOT_A_ROW, CsvHeader, ScannedText
from customer_health.landing.types import Cast, cast_id, cast_parquet, cast_text, is_id, unparseable_reason

RESERVED_NAMES = (*AUDIT_COLUMNS, "file_row_number", "filename")
MOST_ADDED_COLUMNS = 200
JSON_TABLE = "temp.landing_documents"
DEFAULT_LONGEST_ROW = 2_000_000


class RefusedFileError(Exception):
    """A whole file is refused; the message names the column and the expected type."""


@dataclass(frozen=True)
class Value:
    """How a contract column is read: whether it holds something, and what."""

    column: Column
    is_given: str
    cast: Cast
    is_nested: str = "false"


@dataclass(frozen=True)
class Relation:
    """The rows of a file: `_row` is their line (Parquet: row) number, `raw_text` how a reject is kept."""

    sql: str
    values: tuple[Value, ...]
    added: dict[str, str]
    raw_text: str
    hints: dict[str, str] = field(default_factory=dict)
    expected_rows: int | None = None
    malformed_sql: str | None = None


@dataclass(frozen=True)
class MatchedColumns:
    """Positions of the contract's columns and of the columns that it does not know."""

    known: dict[str, int]
    added: dict[str, int]
    hints: dict[str, str]


def match_columns(table: Table, names: Sequence[str]) -> MatchedColumns:
    """Match a file's columns with the contract by name, in any case; refuse what cannot be matched."""
    faults: list[str] = []
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        key = name.lower()
        if not key:
            faults.append(f"column {position + 1} has no name")
        elif key in positions:
            faults.append(f"column '{name}' appears twice")
        elif key in RESERVED_NAMES:
            faults.append(f"column name '{name}' is reserved for the loader")
        positions.setdefault(key, position)
    known = {name: positions[name] for name in table.column_names if name in positions}
    added = {
        names[position]: position
        for key, position in positions.items()
        if key and key not in known and key not in RESERVED_NAMES
    }
    lower_added = [name.lower() for name in added]
    if len(added) > MOST_ADDED_COLUMNS:
        faults.append(f"{len(added)} columns are not in the raw contract, more than {MOST_ADDED_COLUMNS}")
    for name in table.required_columns:
        if name not in known:
            expected = table.column(name).data_type
            hint = did_you_mean(name, lower_added).replace("did you mean", "is it now called")
            faults.append(f"required column '{name}' is missing, expected type {expected}{hint}")
    if table.require_one_of and not any(name in known for name in table.require_one_of):
        wanted = " or ".join(f"'{name}' ({table.column(name).data_type})" for name in table.require_one_of)
        faults.append(f"one of the columns {wanted} has to be there")
    if faults and len(names) == 1 and ";" in names[0]:
        faults.append("the delimiter has to be a comma, it looks like a semicolon")
    if faults:
        raise RefusedFileError("; ".join(faults))
    missing = [name for name in table.column_names if name not in known]
    hints = {name: did_you_mean(name, missing) for name in added}
    return MatchedColumns(known, added, {name: hint for name, hint in hints.items() if hint})


def csv_relation(
    table: Table,
    columns: MatchedColumns,
    header: CsvHeader,
    scanned: ScannedText,
    path: Path,
    line_offset: int | None,
    offsets_table: str,
) -> Relation:
    """Read a scanned CSV file; without one line offset for all rows, `offsets_table` holds them."""
    names = [f"c{position}" for position in range(len(header.names))]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    read = (
        f"read_csv({quote_text(str(path))}, auto_detect = false, header = true, columns = {{{types}}},"
        f" delim = ',', quote = '\"', escape = '\"', strict_mode = true,"
        f" {_buffers(scanned.longest_row)})"
    )
    numbered = f"select row_number() over () as _number, * from {read}"
    if line_offset is not None:
        sql = f"select _number + {line_offset} as _row, * from ({numbered})"
    else:
        sql = (
            f"select _number + line_offset as _row, * from ({numbered}) as numbered"
            f" asof join {offsets_table} as offsets on numbered._number >= offsets.first_row"
        )
    return Relation(
        sql=sql,
        values=_text_values(table, {name: names[position] for name, position in columns.known.items()}),
        added={name: names[position] for name, position in columns.added.items()},
        raw_text=" || ',' || ".join(_csv_field(name) for name in names),
        hints=columns.hints,
        expected_rows=scanned.rows,
    )


def json_keys(con: duckdb.DuckDBPyConnection, scanned: ScannedText, path: Path) -> list[str]:
    """All keys that occur in a JSON Lines file, up to a few more than may occur."""
    keys = f"select unnest(json_keys(document)) as key from ({_documents(scanned, path)})"
    rows = con.execute(f"select distinct key from ({keys}) limit {MOST_ADDED_COLUMNS * 2}").fetchall()
    return sorted(key for (key,) in rows)


def json_relation(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: MatchedColumns,
    keys: Sequence[str],
    scanned: ScannedText,
    path: Path,
) -> Relation:
    """Take a scanned JSON Lines file apart once, into a temporary table, and read that."""
    pointers = ", ".join(quote_text("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys)
    reason = (
        "case when kind = 'INVALID' then 'malformed_json'"
        " when kind <> 'OBJECT' then 'malformed_json: no object'"
        " when len(json_keys(document)) > len(list_distinct(json_keys(document))) then 'duplicate_key' end"
    )
    first_characters = f"list_transform(json_extract(document, [{pointers}]), lambda x: cast(x as varchar)[1])"
    con.execute(
        f"create or replace temp table {JSON_TABLE} as select _row, line, {reason} as reason,"
        f" json_extract_string(document, [{pointers}]) as texts,"
        f" {first_characters} as firsts"
        f" from ({_documents(scanned, path)})"
    )
    values = []
    for name, position in columns.known.items():
        text = f"nullif(texts[{position + 1}], '')"
        is_nested = f"coalesce(firsts[{position + 1}] in ('[', '{{'), false)"
        values.append(_text_value(table.column(name), text, is_nested))
    return Relation(
        sql=f"select * from {JSON_TABLE} where reason is null",
        values=tuple(values),
        added={name: f"nullif(texts[{position + 1}], '')" for name, position in columns.added.items()},
        raw_text="line",
        hints=columns.hints,
        malformed_sql=f"select _row, reason, line as raw_row from {JSON_TABLE} where reason is not null",
    )


def parquet_columns(con: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str, str]]:
    """Top-level columns of a Parquet file: name in the file, name in SQL, type."""
    rows = con.execute(
        f"select name, num_children from parquet_schema({quote_text(str(path))}) order by column_id"
    ).fetchall()
    names: list[str] = []
    position = 1
    while position < len(rows):
        names.append(rows[position][0])
        below = rows[position][1] or 0
        position += 1
        while below:
            below += (rows[position][1] or 0) - 1
            position += 1
    described = con.execute(f"describe select * from {_read_parquet(path)}").fetchall()
    if len(described) != len(names):
        raise RefusedFileError("the columns of the Parquet file cannot be told apart")
    return [(name, row[0], row[1]) for name, row in zip(names, described, strict=True)]


def parquet_relation(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: MatchedColumns,
    found: Sequence[tuple[str, str, str]],
    path: Path,
) -> Relation:
    """Read a Parquet file; a column whose type can't become the contract's is refused unless it is empty."""
    read = _read_parquet(path)
    values: list[Value] = []
    faults: list[str] = []
    for name, position in columns.known.items():
        _, sql_name, found_type = found[position]
        column, value = table.column(name), quote_name(sql_name)
        cast = cast_parquet(value, found_type, column.data_type)
        if cast is None:
            filled = con.execute(f"select count({value}) from {read}").fetchall()[0][0]
            if filled:
                faults.append(f"column '{name}' is {found_type}, expected {column.data_type}")
            cast = Cast(f"cast(null as {column.data_type})", may_fail=False)
        if found_type == "VARCHAR":
            values.append(_text_value(column, f"nullif({value}, '')"))
        else:
            values.append(Value(column, f"{value} is not null", cast))
    if faults:
        raise RefusedFileError("; ".join(faults))
    fields = ", ".join(f"{quote_name(name)} := {quote_name(sql_name)}" for name, sql_name, _ in found)
    return Relation(
        sql=f"select file_row_number + 1 as _row, * from {read}",
        values=tuple(values),
        added={name: f"cast({quote_name(found[position][1])} as varchar)" for name, position in columns.added.items()},
        raw_text=f"cast(to_json(struct_pack({fields})) as varchar)",
        hints=columns.hints,
    )


def count_parquet_rows(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    return con.execute(f"select count(*) from {_read_parquet(path)}").fetchall()[0][0]


def typed_rows(relation: Relation) -> str:
    """The relation with, per value n: vn as typed, gn whether it was given, bn and nn whether it is bad."""
    items = ["_row", f"{relation.raw_text} as _raw"]
    bad: list[str] = []
    for n, value in enumerate(relation.values):
        items += [f"{value.cast.expression} as v{n}", f"{value.is_given} as g{n}"]
        fails = f"({value.is_given} and ({value.cast.expression}) is null)" if value.cast.may_fail else "false"
        items += [f"{fails} as b{n}", f"{value.is_nested} as n{n}"]
        bad += [f"b{n}"] if value.cast.may_fail else []
        bad += [f"n{n}"] if value.is_nested != "false" else []
    items += [f"{expression} as x{n}" for n, expression in enumerate(relation.added.values())]
    columns = f"select {', '.join(items)} from ({relation.sql})"
    return f"select *, {' or '.join(bad) or 'false'} as _is_bad from ({columns})"


def reject_reasons(relation: Relation) -> str:
    """All that is wrong with a row: code and column of each bad value."""
    cases: list[str] = []
    for n, value in enumerate(relation.values):
        name = value.column.name
        if value.is_nested != "false":
            cases.append(f"case when n{n} then {quote_text(f'nested_value: {name}')} end")
        if value.cast.may_fail:
            text = quote_text(f"{unparseable_reason(value.column.data_type)}: {name}")
            cases.append(f"case when b{n} and not n{n} then {text} end")
    return f"concat_ws('; ', {', '.join(cases)})"


def _read_parquet(path: Path) -> str:
    return f"read_parquet({quote_text(str(path))}, hive_partitioning = false)"


def _text_values(table: Table, expressions: dict[str, str]) -> tuple[Value, ...]:
    return tuple(_text_value(table.column(name), expression) for name, expression in expressions.items())


def _text_value(column: Column, text: str, is_nested: str = "false") -> Value:
    given = text if column.data_type == "varchar" else f"nullif(trim({text}), '')"
    is_name = column.data_type == "varchar" and is_id(column.name)
    cast = cast_id(text) if is_name else cast_text(text, column.data_type)
    return Value(column, f"{given} is not null", cast, is_nested)


def _documents(scanned: ScannedText, path: Path) -> str:
    """One row per line that holds text: its number, its kind, and a document that can be taken apart."""
    not_a_row, delimiter = quote_text(NOT_A_ROW.decode()), quote_text("\x01")
    read = (
        f"read_csv({quote_text(str(path))}, auto_detect = false, header = false,"
        f" columns = {{'line': 'VARCHAR'}}, delim = {delimiter}, quote = '', escape = '',"
        f" {_buffers(scanned.longest_row)})"
    )
    numbered = f"select row_number() over () as _row, line from {read}"
    kinds = (
        "select *, case when json_valid(line) then json_type(line) else 'INVALID' end as kind"
        f" from ({numbered}) where line <> {not_a_row}"
    )
    return f"select *, case kind when 'OBJECT' then line else '{{}}' end as document from ({kinds})"


def _csv_field(name: str) -> str:
    quoted = f"'\"' || replace({name}, '\"', '\"\"') || '\"'"
    return f"case when {name} is null then '' when regexp_matches({name}, '[\",\\r\\n]') then {quoted} else {name} end"


def _buffers(longest_row: int) -> str:
    longest = max(DEFAULT_LONGEST_ROW, longest_row + 1024)
    return f"max_line_size = {longest}, buffer_size = {longest * 8}"
