"""Compare two published files (or build files, or folders of Parquet) row by row.

What a change of code must not move is proved with it, and that two engines compute the same.

Belongs here: pairing rows, telling which columns differ and where.
Does not belong here: which differences are meant (whoever compares leaves them out by name).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from customer_health.core.errors import CustomerHealthError
from customer_health.core.sql import quote_name, quote_text

INEXACT = ("DOUBLE", "FLOAT")
EXAMPLES = 3
# two doubles that are as good as zero are equal, too
ABSOLUTE = 1e-12


class CompareError(CustomerHealthError):
    """The two cannot be compared; the message says why."""


@dataclass
class Verdict:
    """What became of one table."""

    table: str
    rows: tuple[int, int] = (0, 0)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return not self.problems

    def lines(self) -> list[str]:
        """The table and its row count, then each difference."""
        without = f", without {', '.join(self.left_out)}" if self.left_out else ""
        said = "equal" if self.is_equal else "DIFFERENT"
        return [f"{self.table}: {self.rows[0]:,} rows, {said}{without}", *(f"    {each}" for each in self.problems)]


def compare_files(
    before: Path,
    after: Path,
    *,
    tables: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    relative: float = 1e-9,
) -> list[Verdict]:
    """Compare all tables and views of two files.

    Args:
        before, after: DuckDB files, or folders with `<schema>/<table>.parquet` (a file or a folder of files).
        tables: only these; all that one of the two has if none are named.
        leave_out: `schema.table` or `schema.table.column` that may differ.
        relative: share by which two doubles may differ; everything else has to be the same.

    Raises:
        CompareError: one of the two is not there, or has no such table.
    """
    with _opened(before, after) as con:
        columns = {side: _columns(con, side) for side in ("before", "after")}
        known = sorted({*columns["before"], *columns["after"]})
        unknown = [name for name in tables if name not in known]
        if unknown:
            raise CompareError(f"neither has a table {', '.join(unknown)}")
        chosen = [name for name in tables or known if name not in leave_out]
        return [
            _compare(con, name, columns["before"].get(name), columns["after"].get(name), leave_out, relative)
            for name in chosen
        ]


@contextmanager
def _opened(before: Path, after: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        for side, path in (("before", before), ("after", after)):
            if not path.exists():
                raise CompareError(f"{path} is not there")
            if path.is_dir():
                con.execute(f"attach ':memory:' as {side}")
                _attach_parquet(con, side, path)
            else:
                con.execute(f"attach {quote_text(path)} as {side} (read_only)")
        yield con


def _attach_parquet(con: duckdb.DuckDBPyConnection, side: str, folder: Path) -> None:
    for path in sorted(folder.glob("*/*")):
        files = path / "**" / "*.parquet" if path.is_dir() else path
        schema, name = quote_name(path.parent.name), quote_name(path.name.removesuffix(".parquet"))
        con.execute(f"create schema if not exists {side}.{schema}")
        con.execute(f"create view {side}.{schema}.{name} as select * from read_parquet({quote_text(files)})")


def _columns(con: duckdb.DuckDBPyConnection, side: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, data_type in con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and not internal order by column_index",
        [side],
    ).fetchall():
        found.setdefault(table, {})[column] = data_type
    return found


def _compare(
    con: duckdb.DuckDBPyConnection,
    table: str,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    leave_out: Sequence[str],
    relative: float,
) -> Verdict:
    verdict = Verdict(table)
    if before is None or after is None:
        verdict.problems.append(f"only in the {'second' if before is None else 'first'}")
        return verdict
    verdict.left_out = [name for name in before if f"{table}.{name}" in leave_out]
    kept = [name for name in before if name in after and name not in verdict.left_out]
    for side, other, where in ((before, after, "first"), (after, before, "second")):
        gone = [name for name in side if name not in other and f"{table}.{name}" not in leave_out]
        if gone:
            verdict.problems.append(f"columns only in the {where}: {', '.join(gone)}")
    retyped = [name for name in kept if before[name] != after[name]]
    if retyped:
        verdict.problems.append(f"other types: {', '.join(f'{n} {before[n]} -> {after[n]}' for n in retyped)}")
    relation = ".".join(quote_name(part) for part in table.split("."))
    verdict.rows = tuple(_value(con, f"select count(*) from {side}.{relation}") for side in ("before", "after"))
    if kept and not _is_identical(con, relation, kept):
        exact = [name for name in kept if before[name] not in INEXACT]
        verdict.problems += _different_rows(con, relation, kept, exact, relative)
    return verdict


def _is_identical(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> bool:
    """Whether both hold the same rows to the last bit, in whatever order: asked first, because most tables do."""
    rows = f"select count(*), sum(hash({_names(columns)})), bit_xor(hash({_names(columns)}))"
    sides = [con.execute(f"{rows} from {side}.{relation}").fetchall() for side in ("before", "after")]
    return sides[0] == sides[1]


def _names(columns: Sequence[str]) -> str:
    return ", ".join(quote_name(name) for name in columns)


def _different_rows(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], exact: Sequence[str], relative: float
) -> list[str]:
    """Pair rows by their key and tell which have no partner, and which columns differ in how many pairs."""
    key = _key(con, relation, columns, exact)
    by = ", ".join(quote_name(name) for name in key) or "1"
    order = ", ".join(quote_name(name) for name in columns if name not in key) or "1"
    paired = (
        f"{_names(columns)}, row_number() over (partition by {by} order by {order}) as pair_number, true as is_there"
    )
    sides = [f"select {paired} from {side}.{relation}" for side in ("before", "after")]
    same_key = [f"b.{quote_name(name)} is not distinct from a.{quote_name(name)}" for name in key]
    on = " and ".join([*same_key, "b.pair_number = a.pair_number"])
    con.execute(
        f"create or replace temp table pairs as select b, a from ({sides[0]}) as b full join ({sides[1]}) as a on {on}"
        f" where b.is_there is null or a.is_there is null or {_differ(columns, key, exact, relative)}"
    )
    problems = []
    for where, there, gone in (("first", "b", "a"), ("second", "a", "b")):
        lonely = f"from pairs where {gone}.is_there is null"
        count = _value(con, f"select count(*) {lonely}")
        if count:
            problems.append(f"{count:,} rows only in the {where}, such as {_examples(con, there, key, lonely)}")
    for name in columns:
        if name in key:
            continue
        differs = f"from pairs where b.is_there and a.is_there and ({_differs(name, name in exact, relative)})"
        count = _value(con, f"select count(*) {differs}")
        if count:
            shown = _examples(con, "b", key, differs, f", b.{quote_name(name)}, a.{quote_name(name)}")
            problems.append(f"{name} differs in {count:,} rows, such as {shown}")
    return problems


def _key(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], exact: Sequence[str]) -> Sequence[str]:
    """The shortest run of first columns that tells rows apart; marts begin with their grain. Else all exact columns."""
    rows = _value(con, f"select count(*) from before.{relation}")
    tried: list[str] = []
    for name in columns:
        if name not in exact:
            break
        tried.append(name)
        if _value(con, f"select count(*) from (select distinct {_names(tried)} from before.{relation})") == rows:
            return tried
    return exact


def _differ(columns: Sequence[str], key: Sequence[str], exact: Sequence[str], relative: float) -> str:
    each = [_differs(name, name in exact, relative) for name in columns if name not in key]
    return "(" + (" or ".join(each) or "false") + ")"


def _differs(column: str, is_exact: bool, relative: float) -> str:
    b, a = f"b.{quote_name(column)}", f"a.{quote_name(column)}"
    if is_exact:
        return f"{b} is distinct from {a}"
    near = f"abs({b} - {a}) <= greatest({relative!r} * greatest(abs({b}), abs({a})), {ABSOLUTE!r})"
    return f"({b} is distinct from {a} and not coalesce({near}, false))"


def _examples(con: duckdb.DuckDBPyConnection, there: str, key: Sequence[str], rows: str, more: str = "") -> str:
    names = ", ".join(f"{there}.{quote_name(name)}" for name in key) or f"{there}.pair_number"
    found = con.execute(f"select {names}{more} {rows} limit {EXAMPLES}").fetchall()
    return "; ".join("(" + ", ".join(str(value) for value in row) + ")" for row in found)


def _value(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return con.execute(sql).fetchall()[0][0]
