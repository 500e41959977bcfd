"""Know again who was forgotten, so that rows of theirs that arrive once more do not bring them back.

What is kept is a keyed hash of each id, name and address, and of a user the pseudonym that stands in their place. Who
wants to know whether somebody was forgotten has to bring both the id and the key. The key lies beside the hashes
(`forgotten/key`, for its owner only), or in CUSTOMER_HEALTH_FORGET_KEY. Without it nobody can be known again, so
loading stops until it is back.

Belongs here: the register, the key, what becomes of rows of one file.
Does not belong here: forgetting (customer_health/forgetting), the load around it (load.py).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import LandingError
from customer_health.core.contract import Table
from customer_health.core.mentions import Finder, Token
from customer_health.core.private import make_private, make_private_folder
from customer_health.core.settings import read_settings

FOLDER = "forgotten"
REGISTER_FILE = "ids.jsonl"
KEY_FILE = "key"
CHECK = "customer_health"
FORGOTTEN = "[forgotten]"
BLANKS = " \t\r\n\u00a0"
HITS = "temp.landing_forgotten"
CLEANED, CLEANED_REJECT = "landing_cleaned", "landing_cleaned_reject"
# an id of an account, of a user, of a ticket of an account; letters and digits of a name or an address of theirs, and
# of somebody else's that one of theirs is a part of
ACCOUNT, USER, TICKET, WORD, OTHER = "account", "user", "ticket", "word", "other"


@dataclass(frozen=True)
class Entry:
    """One id or word of somebody who was forgotten.

    `pseudonym` stands in its place, without one the row is left out. `owner` is the account that a user went with.
    """

    subject: str
    kind: str
    hash: str
    pseudonym: str | None = None
    owner: str | None = None
    source: str | None = None
    from_at: str | None = None
    to_at: str | None = None
    letters: int = 0
    breaks: list[int] = field(default_factory=list)
    is_address: bool = False
    takes_s: bool = False
    takes_comma: bool = False


def canonical(identity: Any) -> str:
    """An id as it is compared: the same characters, however they are composed, and no blanks around."""
    return unicodedata.normalize("NFC", str(identity)).strip(BLANKS)


def read_key(warehouse: Path, make: bool = False) -> bytes | None:
    """The key of the hashes: from the environment, or else the one in this warehouse."""
    given = read_settings().forget_key
    if given:
        return given.encode()
    path = warehouse / FOLDER / KEY_FILE
    if not path.exists():
        if not make:
            return None
        make_private_folder(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
    return path.read_bytes()


def keyed_hash(key: bytes, kind: str, value: str) -> str:
    return hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256).hex()


class Register:
    """Who was forgotten in a warehouse, by keyed hashes."""

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self.path = warehouse / FOLDER / REGISTER_FILE

    def entries(self) -> list[Entry]:
        """All of them.

        Raises:
            LandingError: they were hashed with another key than the one that is there.
        """
        if not self.path.exists():
            return []
        try:
            check, *lines = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
            entries = [Entry(**line) for line in lines]
            checked = check["check"]
        except (ValueError, KeyError, TypeError):
            raise LandingError(f"{self.path} cannot be read: put back the one of your last backup") from None
        key = read_key(self.warehouse)
        if key is None or not hmac.compare_digest(keyed_hash(key, "check", CHECK), checked):
            raise LandingError(
                f"{self.path} says who was forgotten, but the key to it is not the one in"
                f" {self.path.with_name(KEY_FILE)} or CUSTOMER_HEALTH_FORGET_KEY: put that back, or move the file away,"
                " load, and forget them again; nothing was loaded, because it could bring them back"
            )
        return entries

    def pseudonym(self, kind: str, identity: str) -> str | None:
        """What stands in place of a user who was forgotten here before."""
        entries = self.entries()
        key = read_key(self.warehouse)
        if not entries or key is None:
            return None
        wanted = keyed_hash(key, kind, canonical(identity))
        return next((entry.pseudonym for entry in entries if entry.kind == kind and entry.hash == wanted), None)

    def add(self, entries: Iterable[Entry]) -> None:
        """Keep somebody's entries, beside those of everybody else and of an earlier time."""
        known = {(entry.kind, entry.hash, entry.source, entry.from_at): entry for entry in self.entries()}
        known |= {(entry.kind, entry.hash, entry.source, entry.from_at): entry for entry in entries}
        key = read_key(self.warehouse, make=True)
        assert key is not None
        make_private_folder(self.path.parent)
        lines = [{"check": keyed_hash(key, "check", CHECK)}, *(_without_defaults(entry) for entry in known.values())]
        beside = self.path.with_name(f"{self.path.name}.next")
        with beside.open("w", encoding="utf-8") as file:
            make_private(beside)
            file.write("".join(json.dumps(line) + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)


def _without_defaults(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if value not in (None, [], False, 0)}


def word_entry(key: bytes, subject: str, token: Token, kind: str = WORD) -> Entry:
    """A name, an address or an id as it is looked for in free text."""
    return Entry(
        subject,
        kind,
        keyed_hash(key, WORD, token.letters),
        letters=len(token.letters),
        breaks=sorted(token.breaks),
        is_address=token.is_address,
        takes_s=token.takes_s,
        takes_comma=token.takes_comma,
    )


@dataclass
class Cleaned:
    """How the rows of one file are to be loaded: expressions per value, and which rows are left out."""

    values: dict[str, str]
    left_out: str
    theirs: str
    rows_left_out: int
    rows_changed: int


class Gatekeeper:
    """Keeps those who were forgotten out of what one load brings."""

    def __init__(self, con: duckdb.DuckDBPyConnection, warehouse: Path, entries: Sequence[Entry]) -> None:
        self.con = con
        key = read_key(warehouse)
        assert key is not None
        self.key = key
        self.by_hash: dict[tuple[str, str], list[Entry]] = {}
        words: dict[str, dict[str, Entry]] = {WORD: {}, OTHER: {}}
        for entry in entries:
            if entry.kind in words:
                words[entry.kind][entry.hash] = entry
            else:
                self.by_hash.setdefault((entry.kind, entry.hash), []).append(entry)
        self.words = words[WORD]
        self.finder = Finder(
            {entry.letters for entry in words[WORD].values()},
            lambda letters: self._token(words[WORD], letters),
            {entry.letters for entry in words[OTHER].values()},
            # who was forgotten later is nobody's neighbour any more
            lambda letters: self._token(words[OTHER], letters) if not self._token(words[WORD], letters) else None,
        )
        con.create_function(CLEANED, self.clean, ["VARCHAR"], "VARCHAR")
        con.create_function(CLEANED_REJECT, self.clean_reject, ["VARCHAR"], "VARCHAR")

    def _token(self, words: dict[str, Entry], letters: str) -> Token | None:
        entry = words.get(keyed_hash(self.key, WORD, letters))
        if entry is None:
            return None
        return Token(letters, frozenset(entry.breaks), entry.is_address, entry.takes_s, entry.takes_comma)

    def clean(self, text: str) -> str:
        return self.finder.replaced(text, FORGOTTEN)

    def clean_reject(self, raw: str) -> str:
        """A line that is no row: what else stands in it is not known."""
        return FORGOTTEN if self.finder.mentions(raw) else raw

    def look_into(
        self,
        table: Table,
        names: dict[str, str],
        added: Sequence[str],
        event_times: Sequence[str],
        relation: str,
        good: str,
    ) -> Cleaned:
        """What becomes of the rows of a file.

        Args:
            names: the contract's columns that the file has, each with its name in the relation.
            added: names in the relation of columns that the contract does not know.
            event_times: names in the relation of the columns that say when a row happened, best first.
            relation: the rows, as SQL.
            good: those of them that are to be loaded.
        """
        self._find(table, names, relation)
        accounts, users, tickets = (
            self._condition(kind, names.get(column), table, event_times)
            for kind, column in ((ACCOUNT, "account_id"), (USER, "user_id"), (TICKET, "ticket_id"))
        )
        left_out = [accounts]
        if "user_id" in names:
            alone = f"coalesce({names['account_id']}, '') = ''" if "account_id" in names else "true"
            gone = self._condition(
                USER, names["user_id"], table, event_times, "owner is not null and pseudonym is null"
            )
            deleted = self._condition(USER, names["user_id"], table, event_times, "owner is null and pseudonym is null")
            left_out += [f"({alone} and {gone})", deleted]
        if table.name == "ticket_events":
            left_out.append(tickets)
        leaves = " or ".join(f"coalesce({condition}, false)" for condition in left_out)
        named = self._condition(USER, names.get("user_id"), table, (), "pseudonym is not null")
        values: dict[str, str] = {}
        changed: list[str] = [named]
        for name, value in names.items():
            column = table.column(name)
            if name == "user_id":
                pseudonym = (
                    f"(select any_value(pseudonym) from {HITS} as h where h.kind = '{USER}' and h.identity = {value})"
                )
                gone = self._condition(USER, value, table, (), "owner is not null and from_at is null")
                values[name] = f"case when {named} then {pseudonym} when {gone} then null else {value} end"
                changed.append(gone)
            elif name.endswith("account_id") and name != "account_id":
                gone = self._condition(ACCOUNT, value, table, (), "source is null")
                values[name] = f"case when {gone} then null else {value} end"
                changed.append(gone)
            elif column.personal or column.text:
                cleaned = f"{CLEANED}({value})" if self.words else value
                values[name] = f"case when {named} then null else {cleaned} end" if column.personal else cleaned
                if self.words:
                    changed.append(f"{cleaned} <> {value}")
        for value in added:
            cleaned = f"{CLEANED}({value})" if self.words else value
            values[value] = f"case when {named} then null else {cleaned} end"
            if self.words:
                changed.append(f"{cleaned} <> {value}")
        change = " or ".join(f"coalesce({condition}, false)" for condition in changed)
        left_out_rows, changed_rows = self.con.execute(
            f"select count(*) filter ({leaves}), count(*) filter (not ({leaves}) and ({change})) from ({good})"
        ).fetchall()[0]
        return Cleaned(values, leaves, f"({leaves} or coalesce({named}, false))", left_out_rows, changed_rows)

    def _find(self, table: Table, names: dict[str, str], relation: str) -> None:
        """Note which ids of this file are of somebody who was forgotten."""
        self.con.execute(
            f"create or replace temp table {HITS} (kind varchar, identity varchar, pseudonym varchar, source varchar,"
            " from_at timestamp, to_at timestamp, owner varchar)"
        )
        for name, value in names.items():
            kind = (
                ACCOUNT
                if name.endswith("account_id")
                else USER
                if name == "user_id"
                else TICKET
                if name == "ticket_id" and table.name == "ticket_events"
                else None
            )
            if kind is None:
                continue
            rows = self.con.execute(f"select distinct {value} from ({relation}) where {value} is not null").fetchall()
            hits = [
                [kind, given, entry.pseudonym, entry.source, entry.from_at, entry.to_at, entry.owner]
                for (given,) in rows
                for entry in self.by_hash.get((kind, keyed_hash(self.key, kind, canonical(given))), ())
                if entry.source in (None, table.source)
            ]
            if hits:
                self.con.executemany(f"insert into {HITS} values (?, ?, ?, ?, ?, ?, ?)", hits)

    def _condition(
        self, kind: str, value: str | None, table: Table, event_times: Sequence[str], more: str = "true"
    ) -> str:
        if value is None:
            return "false"
        within = f"coalesce({', '.join(event_times)})" if event_times else "cast(null as timestamp)"
        return (
            f"exists (select 1 from {HITS} as h where h.kind = '{kind}' and h.identity = {value} and {more}"
            f" and (h.from_at is null or {within} is null or ({within} >= h.from_at and {within} < h.to_at)))"
        )
