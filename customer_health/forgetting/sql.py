"""The rule of rule.py as SQL, for tables and Parquet files of any size.

Belongs here: which rows of a relation go, which values of the others change, and copying what is left.
Does not belong here: which relations there are, or replacing files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import duckdb

from customer_health.core.contract import Table, load_contract
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, quote_text
from customer_health.forgetting.rule import ALWAYS, FORGOTTEN, USER, WORD_CHARACTERS, Subject, is_id, time_columns

CLAIMS = "temp.forget_claims"
TICKETS = "temp.forget_tickets"


@dataclass(frozen=True)
class Cleaning:
    """What a relation `t` becomes: the subject's own rows, those that go, columns that change, and in which rows."""

    theirs: str
    goes: str
    changes: dict[str, str]
    changed: str
    columns: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        return self.goes != "false" or bool(self.changes)

    @property
    def select(self) -> str:
        items = [
            f"{self.changes[name]} as {quote_name(name)}" if name in self.changes else f"t.{quote_name(name)}"
            for name in self.columns
        ]
        return ", ".join(items)

    def counts(self, con: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, int]:
        """How many rows go, and how many change."""
        if not self.is_needed:
            return 0, 0
        row = con.execute(
            f"select count(*) filter ({self.goes}), count(*) filter (not ({self.goes}) and ({self.changed}))"
            f" from {relation} as t"
        ).fetchall()[0]
        return int(row[0]), int(row[1])


def claims_table(con: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Have the subject's ids where SQL can join them."""
    con.execute(
        f"create or replace temp table {CLAIMS} (kind varchar, source varchar, identity varchar, from_at timestamp,"
        " to_at timestamp)"
    )
    con.execute(f"create or replace temp table {TICKETS} (ticket_id varchar)")
    for kind, claims in (("account", subject.accounts), ("user", subject.users)):
        rows = [
            [kind, claim.source, claim.identity, *map(datetime.fromisoformat, (claim.from_at, claim.to_at))]
            for claim in claims
        ]
        if rows:
            con.executemany(f"insert into {CLAIMS} values (?, ?, ?, ?, ?)", rows)
    if subject.tickets:
        con.executemany(f"insert into {TICKETS} values (?)", [[ticket] for ticket in subject.tickets])


def is_theirs(table: Table | None, columns: Iterable[str]) -> str:
    """The rows of an account: those that name it, and those of its users that name no account."""
    names = set(columns)
    found = []
    if "account_id" in names:
        found.append(_claimed("account", "account_id", table, names))
    if "user_id" in names:
        theirs = _claimed("user", "user_id", table, names)
        found.append(f"({_blank('account_id')} and {theirs})" if "account_id" in names else theirs)
    if table is not None and table.name == "ticket_events" and "ticket_id" in names:
        found.append(f"t.ticket_id in (select ticket_id from {TICKETS})")
    return " or ".join(found) or "false"


def _blank(name: str) -> str:
    return f"coalesce(cast(t.{quote_name(name)} as varchar), '') = ''"


def _claimed(kind: str, column: str, table: Table | None, names: set[str]) -> str:
    identity = f"cast(t.{quote_name(column)} as varchar)"
    source = quote_text(table.source) if table else "null"
    times = [f"try_cast(t.{quote_name(name)} as timestamp)" for name in time_columns(table) if name in names]
    within = f"coalesce({', '.join(times)})" if times else "null"
    whole = f"from_at = timestamp '{ALWAYS[0]}' and to_at = timestamp '{ALWAYS[1]}'"
    always = (
        f"coalesce({identity} in (select identity from {CLAIMS} where kind = '{kind}'"
        f" and (source is null or source = {source}) and {whole}), false)"
    )
    for_a_time = (
        f"exists (select 1 from {CLAIMS} as c where c.kind = '{kind}' and (c.source is null or c.source = {source})"
        f" and not ({whole}) and c.identity = {identity}"
        f" and ({within} is null or ({within} >= c.from_at and {within} < c.to_at)))"
    )
    return f"({always} or {for_a_time})"


def cleaning(subject: Subject, table: Table | None, columns: Sequence[tuple[str, str]]) -> Cleaning:
    """The rule for a relation with these columns (name, type); `table` where it is one of the raw contract."""
    names = [name for name, _ in columns]
    goes, is_user = "false", "false"
    if subject.kind == USER:
        if "user_id" in names:
            is_user = f"coalesce(cast(t.user_id as varchar) = {quote_text(subject.identity)}, false)"
        if not subject.keep_totals:
            goes = is_user
    else:
        goes = is_theirs(table, names)
    personal = _personal_columns()
    changes: dict[str, str] = {}
    where: list[str] = []
    for name, data_type in columns:
        if name in AUDIT_COLUMNS:
            continue
        value = f"t.{quote_name(name)}"
        arms: list[tuple[str, str]] = []
        if is_user != "false" and name == "user_id":
            arms.append((is_user, quote_text(subject.token)))
        elif is_user != "false" and (name in personal or (table and name not in table.column_names)):
            arms.append((f"{is_user} and {value} is not null", "null"))
        if name == "user_id" and subject.kind == USER:
            pass
        elif is_id(name):
            if name != "account_id":
                arms.append((_is_named(subject, value, name), "null"))
        elif name == "raw_row":
            # what else stands in the row is not known
            arms += [(matched, "null") for matched in [_matched(subject, value)] if matched]
        elif data_type == "VARCHAR":
            arms += [(matched, _redacted(subject, value)) for matched in [_matched(subject, value)] if matched]
        elif "VARCHAR" in data_type or data_type == "JSON":
            arms += [(matched, "null") for matched in [_matched(subject, f"cast({value} as varchar)")] if matched]
        if arms:
            whens = " ".join(f"when {condition} then {result}" for condition, result in arms)
            otherwise = value if data_type == "VARCHAR" or name != "user_id" else f"cast({value} as varchar)"
            changes[name] = f"case {whens} else {otherwise} end"
            where += [condition for condition, _ in arms]
    return Cleaning(
        is_user if subject.kind == USER else goes, goes, changes, " or ".join(where) or "false", tuple(names)
    )


@cache
def _personal_columns() -> frozenset[str]:
    """Columns that hold what people wrote, whatever table they have come to."""
    tables = load_contract().tables.values()
    return frozenset(column.name for table in tables for column in table.columns if column.personal)


def _is_named(subject: Subject, value: str, name: str) -> str:
    """Whether an id column of somebody else's row names the subject: a parent, a user, an author."""
    whole = {
        claim.identity
        for claim in (*subject.accounts, *subject.users)
        if (claim.from_at, claim.to_at) == ALWAYS and claim.source is None
    }
    exact = sorted({*whole, *subject.words, *subject.contacts, subject.identity})
    listed = ", ".join(quote_text(word) for word in exact)
    return f"coalesce(cast({value} as varchar) in ({listed}), false)"


def _matched(subject: Subject, value: str) -> str:
    edge = f"[^{WORD_CHARACTERS}]"
    return " or ".join(
        f"regexp_matches({value}, {quote_text(_bounded(pattern, edge))})" for pattern in subject.patterns() if pattern
    )


def _redacted(subject: Subject, value: str) -> str:
    edge = f"[^{WORD_CHARACTERS}]"
    for pattern in subject.patterns():
        # twice: two words in a row share the character between them
        for _ in range(2):
            value = (
                f"regexp_replace({value}, {quote_text(_bounded(pattern, edge))},"
                f" {quote_text(chr(92) + '1' + FORGOTTEN + chr(92) + '2')}, 'g')"
            )
    return value


def _bounded(pattern: str, edge: str) -> str:
    flag = "(?i)" if pattern.startswith("(?i)") else ""
    return f"{flag}(^|{edge})(?:{pattern.removeprefix('(?i)')})($|{edge})"


def columns_of(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """Name and type of each column of a relation."""
    return [(row[0], row[1]) for row in con.execute(f"describe select * from {relation}").fetchall()]
