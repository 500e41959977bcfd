"""Find everything that leads to a user or an account: ids, tickets, words in free text.

Belongs here: looking through the raw tables of the build file.
Does not belong here: the rule for a row (rule.py, and as SQL in sql.py).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb

from customer_health.core.contract import Contract, Table
from customer_health.core.mentions import letters_of
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, read_sql
from customer_health.forgetting.distinctive import is_distinctive, words_in
from customer_health.forgetting.rule import ALWAYS, USER, Claim, Holds, Subject, holds
from customer_health.forgetting.sql import canonical_sql, claims_table, is_theirs
from customer_health.landing.forgotten import canonical

# columns of users beyond the contract whose values lead to one person
CONTACT_COLUMN = re.compile(r"mail|name|phone|mobile|login|handle", re.IGNORECASE)
FIRST_NAME = re.compile(r"first|given|vorname", re.IGNORECASE)
LAST_NAME = re.compile(r"last|family|sur_?name|nachname", re.IGNORECASE)
# letters that are often written as two where a keyboard lacks them
IN_TWO_LETTERS = str.maketrans(
    {"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00c4": "Ae", "\u00d6": "Oe", "\u00dc": "Ue"}
)
# words of more rows than these are not read
MOST_WORDS = 100_000


def find_subject(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    kind: str,
    identity: str,
    also: Sequence[str],
    keep_totals: bool,
    token: str | None = None,
) -> Subject:
    """Everything that the raw tables of the build file know of somebody; of an empty file, the id alone."""
    subject = Subject(kind, identity, token or f"forgotten_{secrets.token_hex(8)}", keep_totals)
    tables = {
        name for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    }
    names: list[str] = []
    contacts: list[str] = []
    if kind == USER:
        subject.users = [Claim(identity)]
    else:
        subject.accounts = [Claim(identity)]
        if "account_identifiers" in tables:
            subject.accounts += _external_ids(con, identity)
        if "accounts" in tables:
            names = _only_theirs(con, "accounts", "account_id", identity, ["name"])
        if "users" in tables:
            subject.users = _stays(con, subject)
    whole = [claim.identity for claim in subject.users if claim.is_whole]
    if "users" in tables:
        for user in whole:
            contacts += _contacts(con, contract.table("users"), user)
    ids = {identity, *whole, *(claim.identity for claim in subject.accounts if claim.is_whole)}
    used = _words_used(con, contract, tables)
    subject.words = sorted(word for word in {*ids, *names} if is_distinctive(word, used))
    distinctive = {word for word in contacts if is_distinctive(word, used)}
    subject.contacts = sorted({spelling for word in {*distinctive, *_given(also)} for spelling in _spellings(word)})
    subject.too_common = len({*ids, *names, *contacts} - {*subject.words, *subject.contacts})
    _tell_apart(con, contract, tables, subject, ids)
    # last, because whose a ticket is asks for the words, and what looks for them is made once
    if kind != USER and "support_tickets" in tables:
        subject.tickets = _tickets(con, subject, contract.table("support_tickets"))
    return subject


def _given(also: Iterable[str]) -> set[str]:
    """Whoever names a word means it, whatever else it may mean."""
    return {word.strip() for word in also if letters_of(word)}


def _spellings(word: str) -> set[str]:
    """A name the other way round, an address with its signs in words, letters written as two."""
    found = {word, word.translate(IN_TWO_LETTERS)}
    if "@" in word:
        name, _, host = word.partition("@")
        spoken = f"{name} at {host.replace('.', ' dot ')}"
        return found | {f"{name} at {host}", spoken, spoken.replace(".", " dot ")}
    for each in list(found):
        parts = each.replace(",", " ").split()
        if len(parts) in (2, 3) and all(part[0].isalpha() for part in parts):
            found |= {f"{parts[-1]}, {' '.join(parts[:-1])}", f"{' '.join(parts[1:])}, {parts[0]}"}
            if "," in each:
                found.add(" ".join([*parts[1:], parts[0]]))
    return found


def _words_used(con: duckdb.DuckDBPyConnection, contract: Contract, tables: set[str]) -> set[str]:
    """Words of the configuration, and of columns that hold words, as they are compared."""
    found: set[str] = set()
    columns = con.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'configuration'"
        " and data_type = 'VARCHAR'"
    ).fetchall()
    relations = [(f"configuration.{quote_name(table)}", column) for table, column in columns]
    for table in contract.tables.values():
        if table.name in tables:
            relations += [
                (f"raw.{quote_name(table.name)}", column.name)
                for column in table.columns
                if column.data_type == "varchar" and holds(table, column.name) is Holds.WORDS
            ]
    for relation, column in relations:
        name = quote_name(column)
        rows = con.execute(f"select distinct {name} from {relation} where {name} is not null limit {MOST_WORDS}")
        for (value,) in rows.fetchall():
            found |= words_in(value)
    return found


def _tell_apart(
    con: duckdb.DuckDBPyConnection, contract: Contract, tables: set[str], subject: Subject, own: set[str]
) -> None:
    """Note whose ids and names contain one of these, or are the same but for case and signs."""
    looked_for = {letters_of(word): word for word in (*subject.words, *subject.contacts)}
    if not looked_for:
        return
    mine = {canonical(word) for word in own}
    lengths = sorted({len(letters) for letters in looked_for})
    for table, column, key in _who_is_there(con, contract, tables):
        name = quote_name(column)
        small = f"regexp_replace(lower(cast({name} as varchar)), '[^a-z0-9]+', '', 'g')"
        plain = [letters for letters in looked_for if letters.isascii()]
        near = f"contains({small}, '{plain[0]}')" if len(plain) == 1 else f"length({small}) >= {lengths[0]}"
        near = f"({near} or strlen({name}) <> length({name}))"
        rows = con.execute(
            f"select distinct {name}, {canonical_sql(key)} from raw.{quote_name(table)}"
            f" where {name} is not null and {near}"
        ).fetchall()
        for value, owner in rows:
            if owner in mine or canonical(value) in mine or value in looked_for.values():
                continue
            letters = letters_of(value)
            if letters in looked_for:
                subject.exact.append(looked_for[letters])
            elif any(letters[n : n + length] in looked_for for length in lengths for n in range(len(letters))):
                subject.others.append(value)
    subject.others = sorted(set(subject.others))
    subject.exact = sorted(set(subject.exact))


def _who_is_there(
    con: duckdb.DuckDBPyConnection, contract: Contract, tables: set[str]
) -> Iterable[tuple[str, str, str]]:
    """Table, column and key of what names users, accounts and managers."""
    for table, columns, key in (
        ("accounts", ["account_id", "name"], "account_id"),
        ("account_identifiers", ["external_id"], "account_id"),
        ("csms", ["csm_id", "name"], "csm_id"),
        ("users", ["user_id"], "user_id"),
    ):
        if table in tables:
            more = _contact_columns(con, contract.table("users")) if table == "users" else []
            yield from ((table, column, key) for column in [*columns, *more])


def _external_ids(con: duckdb.DuckDBPyConnection, account_id: str) -> list[Claim]:
    """The ids that other systems use; one that passes to another account means this one until then only."""
    theirs = canonical_sql("account_id")
    rows = con.execute(
        f"""
        with ids as (
            select distinct source, external_id, {theirs} as account_id,
                coalesce(cast(valid_from as timestamp), $2) as from_at
            from raw.account_identifiers
            where (source, external_id) in (
                select (source, external_id) from raw.account_identifiers where {theirs} = $1
            )
        )
        select external_id, source, from_at, coalesce(lead(from_at) over (
            partition by source, external_id order by from_at, account_id), $3) as to_at, account_id
        from ids
        """,
        [canonical(account_id), *_timestamps()],
    ).fetchall()
    return [
        Claim(row[0], row[1], str(row[2]), str(row[3])) for row in rows if row[4] == canonical(account_id) and row[0]
    ]


def _stays(con: duckdb.DuckDBPyConnection, subject: Subject) -> list[Claim]:
    """Who belonged to the account, and when; whoever never belonged to another one, always."""
    accounts = [canonical(claim.identity) for claim in subject.accounts if claim.source in (None, "crm")]
    rows = con.execute(
        read_sql(__file__, "stays", canonical_account=canonical_sql("account_id")),
        [accounts, *_timestamps()],
    ).fetchall()
    return [Claim(row[0], None, str(row[1]), str(row[2])) for row in rows]


def _tickets(con: duckdb.DuckDBPyConnection, subject: Subject, table: Table) -> list[str]:
    """Tickets of the account: their events name no account."""

    claims_table(con, subject)
    rows = con.execute(
        f"select distinct ticket_id from raw.support_tickets as t where {is_theirs(table, table.column_names)}"
    ).fetchall()
    return sorted(row[0] for row in rows if row[0])


def _contact_columns(con: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    """Columns of users that the contract does not know and that lead to a person."""
    return [
        name
        for (name,) in con.execute(
            "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = 'users'"
            " and data_type = 'VARCHAR'"
        ).fetchall()
        if name not in table.column_names and name not in AUDIT_COLUMNS and CONTACT_COLUMN.search(name)
    ]


def _contacts(con: duckdb.DuckDBPyConnection, table: Table, user_id: str) -> list[str]:
    """Addresses and names of a user that nobody else shares."""
    columns = _contact_columns(con, table)
    found = [word for name in columns for word in _only_theirs(con, "users", "user_id", user_id, [name])]
    first = next((name for name in columns if FIRST_NAME.search(name)), None)
    last = next((name for name in columns if LAST_NAME.search(name)), None)
    if first and last:
        found += _only_theirs(con, "users", "user_id", user_id, [first, last])
    return found


def _only_theirs(
    con: duckdb.DuckDBPyConnection, table: str, key: str, identity: str, columns: Sequence[str]
) -> list[str]:
    value = " || ' ' || ".join(quote_name(column) for column in columns)
    owner = canonical_sql(key)
    rows = con.execute(
        f"select distinct {value} as value from raw.{table} where {owner} = $1 and value is not null and value not in"
        f" (select {value} from raw.{table} where {owner} <> $1 and {value} is not null)",
        [canonical(identity)],
    ).fetchall()
    return [str(row[0]) for row in rows if str(row[0]).strip()]


def _timestamps() -> list[datetime]:
    return [datetime.fromisoformat(moment) for moment in ALWAYS]
