"""The rule of rule.py as SQL, for tables and Parquet files of any size.

Belongs here: which rows of a relation go, which values of the others change, and copying what is left.
Does not belong here: which relations there are, or replacing files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from customer_health.core.contract import Table
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, quote_text
from customer_health.forgetting.rule import (
    ALWAYS,
    USER,
    Holds,
    Subject,
    holds,
    personal_columns,
    time_columns,
    without_mention,
)
from customer_health.landing.forgotten import canonical

CLAIMS = "temp.forget_claims"
TICKETS = "temp.forget_tickets"
# the rule for free text is Python: the same one for files of text and for tables
CLEANED, WITHOUT, MENTIONS = "forget_cleaned", "forget_without", "forget_mentions"
# escapes and letters beyond ASCII are left to it; written to be formatted
ODD = r"%[0-9a-f]{{2}}|&#?[a-z0-9]+;|\\[unrt]|=[0-9a-f]{{2}}|=\r?\n|[^\x00-\x7f]"
PATTERN_WORDS = 400
FEW = 16


@dataclass(frozen=True)
class Found:
    """What is in a relation: rows that go, rows that change, and per column that is never rewritten, rows that hold
    something."""

    removed: int = 0
    changed: int = 0
    stays: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.removed or self.changed)


@dataclass(frozen=True)
class Cleaning:
    """What a relation `t` becomes: the subject's own rows, those that go, columns that change, and in which rows."""

    theirs: str
    goes: str
    changes: dict[str, str]
    changed: str
    columns: tuple[str, ...]
    searched: dict[str, str]

    @property
    def is_needed(self) -> bool:
        return self.goes != "false" or bool(self.changes) or bool(self.searched)

    @property
    def select(self) -> str:
        items = [
            f"{self.changes[name]} as {quote_name(name)}" if name in self.changes else f"t.{quote_name(name)}"
            for name in self.columns
        ]
        return ", ".join(items)

    def counts(self, con: duckdb.DuckDBPyConnection, relation: str) -> Found:
        """How many rows go, and how many change."""
        if not self.is_needed:
            return Found()
        searched = "".join(
            f", count(*) filter (not coalesce({self.goes}, false) and ({where}))" for where in self.searched.values()
        )
        removed, changed, *stays = con.execute(
            f"select count(*) filter ({self.goes}),"
            f" count(*) filter (not coalesce({self.goes}, false) and ({self.changed})){searched}"
            f" from {relation} as t"
        ).fetchall()[0]
        found = {name: int(count) for name, count in zip(self.searched, stays, strict=True) if count}
        return Found(int(removed), int(changed), found)


def claims_table(con: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Have the subject's ids where SQL can join them, and the rule for free text where SQL can call it."""
    _functions(con, subject)
    con.execute(
        f"create or replace temp table {CLAIMS} (kind varchar, source varchar, identity varchar, from_at timestamp,"
        " to_at timestamp)"
    )
    con.execute(f"create or replace temp table {TICKETS} (ticket_id varchar)")
    for kind, claims in (("account", subject.accounts), ("user", subject.users)):
        rows = [
            [kind, claim.source, canonical(claim.identity), *map(datetime.fromisoformat, (claim.from_at, claim.to_at))]
            for claim in claims
        ]
        if rows:
            con.executemany(f"insert into {CLAIMS} values (?, ?, ?, ?, ?)", rows)
    if subject.tickets:
        con.executemany(f"insert into {TICKETS} values (?)", [[ticket] for ticket in subject.tickets])


def _functions(con: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    rules: tuple[tuple[str, Any, str], ...] = (
        (CLEANED, subject.cleaned, "VARCHAR"),
        (WITHOUT, lambda value: without_mention(subject, value), "VARCHAR"),
        (MENTIONS, subject.finder.mentions, "BOOLEAN"),
    )
    for name, rule, returned in rules:
        if con.execute("select count(*) from duckdb_functions() where function_name = ?", [name]).fetchall()[0][0]:
            con.remove_function(name)
        con.create_function(name, rule, ["VARCHAR"], returned)


def canonical_sql(value: str) -> str:
    """An id as it is compared (`canonical` in rule.py)."""
    return f"trim(nfc_normalize(cast({value} as varchar)), e' \\t\\r\\n\u00a0')"


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
    identity = canonical_sql(f"t.{quote_name(column)}")
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


def cleaning_of(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    subject: Subject,
    table: Table | None,
    columns: Sequence[tuple[str, str]] | None = None,
) -> Cleaning:
    """The rule for a relation: its texts play no part where one look over all of them together finds nothing."""
    columns = columns or columns_of(con, relation)
    texts = [name for name, data_type in columns if _is_searched(holds(table, name), data_type)]
    may_hold = _may_hold(subject)
    if texts and may_hold:
        together = "concat_ws(' ', " + ", ".join(f"t.{quote_name(name)}" for name in texts) + ")"
        found = con.execute(f"select 1 from {relation} as t where {may_hold.format(together)} limit 1").fetchall()
        may_hold = may_hold if found else ""
    return cleaning(subject, table, columns, may_hold)


def _is_searched(kind: Holds, data_type: str) -> bool:
    if "VARCHAR" not in data_type and data_type != "JSON":
        return False
    return kind in (Holds.TEXT, Holds.FILE) or (kind in (Holds.WORDS, Holds.OTHERS) and data_type == "VARCHAR")


def cleaning(
    subject: Subject, table: Table | None, columns: Sequence[tuple[str, str]], may_hold: str | None = None
) -> Cleaning:
    """The rule for a relation with these columns (name, type); `table` where it is one of the raw contract.

    Args:
        may_hold: the condition under which a text is looked at; empty leaves texts alone.
    """
    names = [name for name, _ in columns]
    goes, is_user = "false", "false"
    if subject.kind == USER:
        if "user_id" in names:
            identity = quote_text(canonical(subject.identity))
            is_user = f"coalesce({canonical_sql('t.user_id')} = {identity}, false)"
        if not subject.keep_totals:
            goes = is_user
    else:
        goes = is_theirs(table, names)
    personal = personal_columns()
    may_hold = _may_hold(subject) if may_hold is None else may_hold
    changes: dict[str, str] = {}
    where: list[str] = []
    searched: dict[str, str] = {}
    for name, data_type in columns:
        kind = holds(table, name)
        value = f"t.{quote_name(name)}"
        arms: list[tuple[str, str]] = []
        if is_user != "false" and name == "user_id":
            arms.append((is_user, quote_text(subject.token)))
        elif is_user != "false" and (
            name in personal or (table and name not in table.column_names and name not in AUDIT_COLUMNS)
        ):
            arms.append((f"{is_user} and {value} is not null", "null"))
        if kind in (Holds.ACCOUNTS, Holds.USERS):
            if name != "account_id" and not (name == "user_id" and subject.kind == USER):
                arms += [(named, "null") for named in [_is_named(subject, value, kind)] if named]
        elif "VARCHAR" not in data_type and data_type != "JSON":
            pass
        elif kind is Holds.WORDS and data_type == "VARCHAR" and may_hold:
            mentions = f"case when {may_hold.format(value)} then {MENTIONS}({value}) else false end"
            if is_user == "false":
                searched[name] = mentions
            else:
                cleaned = f"{WITHOUT}({value})"
                arms.append((f"({is_user} and {mentions} and {cleaned} <> {value})", cleaned))
                searched[name] = f"({mentions} and not ({is_user} and {cleaned} <> {value}))"
        elif kind is Holds.OTHERS and data_type == "VARCHAR" and may_hold:
            # ids of other things are many: first a look for the plain word
            searched[name] = f"case when {_plainly(subject, value, may_hold)} then {MENTIONS}({value}) else false end"
        elif kind in (Holds.TEXT, Holds.FILE) and may_hold:
            text = value if data_type == "VARCHAR" else f"cast({value} as varchar)"
            condition = f"case when {may_hold.format(text)} then {MENTIONS}({text}) else false end"
            # what else stands in a raw row, or beside a text that is nested, is not known
            is_whole = name == "raw_row" or data_type != "VARCHAR"
            arms.append((condition, "null" if is_whole else f"{CLEANED}({value})"))
        if arms:
            whens = " ".join(f"when {condition} then {result}" for condition, result in arms)
            otherwise = value if data_type == "VARCHAR" or name != "user_id" else f"cast({value} as varchar)"
            changes[name] = f"case {whens} else {otherwise} end"
            where += [condition for condition, _ in arms]
    return Cleaning(
        is_user if subject.kind == USER else goes,
        goes,
        changes,
        " or ".join(where) or "false",
        tuple(names),
        searched,
    )


def _is_named(subject: Subject, value: str, kind: Holds) -> str:
    """Whether an id column of somebody else's row names the subject: a parent, a user."""
    claims = subject.accounts if kind is Holds.ACCOUNTS else subject.users
    whole = sorted({canonical(claim.identity) for claim in claims if claim.is_whole and claim.source is None})
    if not whole:
        return ""
    return f"coalesce({canonical_sql(value)} in ({', '.join(quote_text(word) for word in whole)}), false)"


def _may_hold(subject: Subject) -> str:
    """A condition on a text `{}`: whether it is worth to have Python look; empty where nothing is looked for."""
    words = subject.letters
    if not words:
        return ""
    # one pass over the text: letters and digits with whatever between them, or what Python has to read first
    plain = ["[^a-z0-9]*".join(word) for word in words if word.isascii()]
    parts = [plain[start : start + PATTERN_WORDS] for start in range(0, len(plain), PATTERN_WORDS)] or [[]]
    patterns = ["(?i)" + "|".join([ODD, *part] if not n else part) for n, part in enumerate(parts)]
    found = [f"regexp_matches({{}}, {quote_text(pattern)})" for pattern in patterns]
    return f"({' or '.join(found)})"


def _plainly(subject: Subject, value: str, may_hold: str) -> str:
    words = sorted({word.casefold() for word in (*subject.words, *subject.contacts)})
    if len(words) > FEW:
        return may_hold.format(value)
    return "(" + " or ".join(f"contains(lower({value}), {quote_text(word)})" for word in words) + ")"


def columns_of(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """Name and type of each column of a relation."""
    return [(row[0], row[1]) for row in con.execute(f"describe select * from {relation}").fetchall()]
