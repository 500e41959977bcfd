"""Find everything that leads to a user or an account: ids, tickets, words in free text.

Belongs here: looking through the raw tables of the build file.
Does not belong here: the rule for a row (rule.py, and as SQL in sql.py).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import duckdb

from customer_health.core.contract import Contract, Table
from customer_health.core.sql import AUDIT_COLUMNS, quote_name, read_sql
from customer_health.forgetting.rule import ALWAYS, USER, Claim, Subject, is_distinctive
from customer_health.forgetting.sql import claims_table, is_theirs

# columns of users beyond the contract whose values lead to one person
CONTACT_COLUMN = re.compile(r"mail|name|phone|mobile|login|handle", re.IGNORECASE)


def find_subject(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    kind: str,
    identity: str,
    also: Sequence[str],
    keep_totals: bool,
) -> Subject:
    """Everything that the raw tables of the build file know of somebody; of an empty file, the id alone."""
    token = f"forgotten_{secrets.token_hex(8)}"
    subject = Subject(kind, identity, token, keep_totals, words=[identity], contacts=list(also))
    tables = {
        name for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    }
    if kind == USER:
        subject.users = [Claim(identity)]
    else:
        subject.accounts = [Claim(identity)]
        if "account_identifiers" in tables:
            subject.accounts += _external_ids(con, identity)
        if "accounts" in tables:
            subject.words += _only_theirs(con, "accounts", "account_id", identity, "name")
        if "users" in tables:
            subject.users = _stays(con, subject)
        if "support_tickets" in tables:
            subject.tickets = _tickets(con, subject, contract.table("support_tickets"))
    whole = [claim.identity for claim in subject.users if (claim.from_at, claim.to_at) == ALWAYS]
    if "users" in tables:
        for user in whole:
            subject.contacts += _contacts(con, contract.table("users"), user)
    subject.words += whole + [claim.identity for claim in subject.accounts if (claim.from_at, claim.to_at) == ALWAYS]
    subject.words = sorted({word for word in subject.words if is_distinctive(word)})
    subject.contacts = sorted({word for word in subject.contacts if word.strip()})
    return subject


def _external_ids(con: duckdb.DuckDBPyConnection, account_id: str) -> list[Claim]:
    """The ids that other systems use; one that passes to another account means this one until then only."""
    rows = con.execute(
        """
        with ids as (
            select distinct source, external_id, account_id, coalesce(cast(valid_from as timestamp), $2) as from_at
            from raw.account_identifiers
            where (source, external_id) in (
                select (source, external_id) from raw.account_identifiers where account_id = $1
            )
        )
        select external_id, source, from_at, coalesce(lead(from_at) over (
            partition by source, external_id order by from_at, account_id), $3) as to_at, account_id
        from ids
        """,
        [account_id, *_timestamps()],
    ).fetchall()
    return [Claim(row[0], row[1], str(row[2]), str(row[3])) for row in rows if row[4] == account_id and row[0]]


def _stays(con: duckdb.DuckDBPyConnection, subject: Subject) -> list[Claim]:
    """Who belonged to the account, and when; whoever never belonged to another one, always."""
    accounts = [claim.identity for claim in subject.accounts if claim.source in (None, "crm")]
    rows = con.execute(
        read_sql(__file__, "stays"),
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


def _contacts(con: duckdb.DuckDBPyConnection, table: Table, user_id: str) -> list[str]:
    """Addresses and names of a user, from columns that the contract does not know and nobody else shares."""
    columns = [
        name
        for (name,) in con.execute(
            "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = 'users'"
        ).fetchall()
        if name not in table.column_names and name not in AUDIT_COLUMNS and CONTACT_COLUMN.search(name)
    ]
    return [word for name in columns for word in _only_theirs(con, "users", "user_id", user_id, name)]


def _only_theirs(con: duckdb.DuckDBPyConnection, table: str, key: str, identity: str, column: str) -> list[str]:
    name = quote_name(column)
    rows = con.execute(
        f"select distinct {name} from raw.{table} where {key} = $1 and {name} not in"
        f" (select {name} from raw.{table} where {key} <> $1 and {name} is not null)",
        [identity],
    ).fetchall()
    return [str(row[0]) for row in rows if row[0] is not None and is_distinctive(str(row[0]))]


def _timestamps() -> list[datetime]:
    return [datetime.fromisoformat(moment) for moment in ALWAYS]
