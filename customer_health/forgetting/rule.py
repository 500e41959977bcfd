"""Who is to be forgotten, and what that means for one row of one table.

An account takes everything along that is its own: its rows, its users, what happened to them while they belonged to
it. A user leaves rows behind that the account's totals need, under a random token that nothing leads back from; what
they wrote, and columns that the contract does not know, go. The same rule stands here for rows of text files and, as
SQL, in sql.py for tables.

Belongs here: the ids and words that lead to somebody, and the rule for a row.
Does not belong here: where rows lie (landing.py, build.py, publications.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cache, cached_property
from typing import Any

from customer_health.core.contract import Table, load_contract
from customer_health.core.errors import CustomerHealthError
from customer_health.core.mentions import Finder, token_of
from customer_health.core.sql import AUDIT_COLUMNS
from customer_health.landing.forgotten import FORGOTTEN, canonical

USER, ACCOUNT = "user", "account"
ALWAYS = ("0001-01-01 00:00:00", "9999-12-31 00:00:00")


class ForgetError(CustomerHealthError):
    """Forgetting cannot go on; what is done stays done, and running it again goes on from there."""


class NotFoundError(ForgetError):
    """There is nobody by this id: nothing was touched."""


class Holds(Enum):
    """What a column may hold, which decides how it is searched."""

    ACCOUNTS = "ids of accounts"
    USERS = "ids of users"
    OTHERS = "ids of something else"
    WORDS = "words from a list"
    TEXT = "free text"
    FILE = "the name of a landing file"
    NOTHING = "what the loader adds"


@dataclass(frozen=True)
class Claim:
    """An id that means the subject in tables of one source (None: in all) from one moment to another."""

    identity: str
    source: str | None = None
    from_at: str = ALWAYS[0]
    to_at: str = ALWAYS[1]

    @property
    def is_whole(self) -> bool:
        return (self.from_at, self.to_at) == ALWAYS


@dataclass
class Subject:
    """One user or account: everything that leads to it.

    `token` stands in place of a user. `accounts` and `users` are the ids in columns of these names; `tickets` those of
    an account. `words` (ids, names) and `contacts` (addresses, names of a user) are looked for in free text, in any
    spelling; `others` are ids and names of somebody else that begin or end like one of these, `exact` those of ours
    whose other spellings are somebody else's, `too_common` how many lead to them but are words that anybody uses.
    """

    kind: str
    identity: str
    token: str
    keep_totals: bool = True
    accounts: list[Claim] = field(default_factory=list)
    users: list[Claim] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    exact: list[str] = field(default_factory=list)
    too_common: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Subject:
        claims = {name: [Claim(**claim) for claim in document[name]] for name in ("accounts", "users")}
        return cls(**{**document, **claims})

    @cached_property
    def finder(self) -> Finder:
        """Looks for them in free text."""
        exact = set(self.exact)
        tokens = [token_of(word, exact=word in exact) for word in (*self.words, *self.contacts)]
        others = [token_of(word) for word in self.others]
        return Finder.of([token for token in tokens if token], [token for token in others if token])

    @cached_property
    def letters(self) -> list[str]:
        """Letters and digits of all that is looked for in free text."""
        tokens = [token_of(word) for word in (*self.words, *self.contacts)]
        return sorted({token.letters for token in tokens if token})

    def cleaned(self, text: str) -> str:
        return self.finder.replaced(text, FORGOTTEN)


def holds(table: Table | None, name: str) -> Holds:
    """What a column may hold, by the raw contract; `table` where it is one of the contract's."""
    if name == "_source_file" or (table is None and name == "file_name"):
        return Holds.FILE
    if name in AUDIT_COLUMNS:
        return Holds.NOTHING
    known = table is not None and name in table.column_names
    if name.endswith("account_id") or (known and name == "external_id"):
        return Holds.ACCOUNTS
    if name.endswith("user_id"):
        return Holds.USERS
    if table is not None and known:
        if name.endswith("_id"):
            return Holds.OTHERS
        return Holds.TEXT if table.column(name).text else Holds.WORDS
    return _columns_by_name().get(name, Holds.TEXT)


@cache
def _columns_by_name() -> dict[str, Holds]:
    """What columns hold that are called so in the contract, whatever table they have come to."""
    found: dict[str, Holds] = {}
    for table in load_contract().tables.values():
        for column in table.columns:
            if column.data_type != "varchar":
                continue
            kind = Holds.TEXT if column.text else Holds.OTHERS if column.name.endswith("_id") else Holds.WORDS
            # where one table has text under this name, another may have as well
            if found.get(column.name) is not Holds.TEXT:
                found[column.name] = kind
    return found


@cache
def personal_columns() -> frozenset[str]:
    """Columns that hold what people wrote, whatever table they have come to."""
    tables = load_contract().tables.values()
    return frozenset(column.name for table in tables for column in table.columns if column.personal)


def time_columns(table: Table | None) -> list[str]:
    """The columns that say when a row of a raw table happened, best first."""
    if table is None:
        return []
    return [column.name for column in table.columns if column.time == "event" and column.name != "updated_at"]


class RowRule:
    """The rule for rows of text: what becomes of one row of one raw table."""

    def __init__(self, subject: Subject, table: Table | None) -> None:
        self.subject = subject
        self.table = table
        source = table.source if table else None
        self.accounts = _by_id(claim for claim in subject.accounts if claim.source in (None, source))
        self.users = _by_id(subject.users)
        self.whole = {
            Holds.ACCOUNTS: {canonical(claim.identity) for claim in subject.accounts if _is_always(claim)},
            Holds.USERS: {canonical(claim.identity) for claim in subject.users if _is_always(claim)},
        }
        self.tickets = set(subject.tickets)
        self.times = time_columns(table)
        known = set(table.column_names) if table else set()
        self.personal = {column.name for column in table.columns if column.personal} if table else set()
        self.known = known | set(AUDIT_COLUMNS)

    def mentions(self, text: str) -> bool:
        return self.subject.finder.mentions(text)

    def redacted(self, text: str) -> str:
        return self.subject.cleaned(text)

    def names(self, name: str, value: str) -> bool:
        """Whether a column of ids names the subject: here a word counts that a text may hold for other reasons."""
        kind = holds(self.table, name)
        return kind in self.whole and _text(value) in self.whole[kind]

    def drops(self, row: dict[str, Any]) -> bool:
        """Whether the whole row goes."""
        if self.subject.kind == USER:
            return not self.subject.keep_totals and _text(row.get("user_id")) in self.users
        account = _text(row.get("account_id"))
        if account is not None:
            return self._claimed(self.accounts.get(account), row)
        user = _text(row.get("user_id"))
        if user is not None and self._claimed(self.users.get(user), row):
            return True
        return self.table is not None and self.table.name == "ticket_events" and row.get("ticket_id") in self.tickets

    def is_theirs(self, row: dict[str, Any]) -> bool:
        """Whether it is a row of the subject, as opposed to one that mentions it."""
        return _text(row.get("user_id")) in self.users if self.subject.kind == USER else self.drops(row)

    def changes(self, row: dict[str, Any]) -> dict[str, Any]:
        """The values that a row that stays gets instead of its own."""
        is_user = self.subject.kind == USER and self.is_theirs(row)
        found: dict[str, Any] = {}
        for name, value in row.items():
            if value is None:
                continue
            kind = holds(self.table, name)
            if is_user and name == "user_id":
                found[name] = self.subject.token
            elif is_user and (name in self.personal or name not in self.known):
                found[name] = None
            elif kind in self.whole:
                # a row names its own account or user rightly, or else it would be theirs
                if name != "account_id" and _text(value) in self.whole[kind]:
                    found[name] = None
            elif kind is Holds.TEXT or (kind is Holds.WORDS and is_user):
                clean = self._cleaned(value) if kind is Holds.TEXT else without_mention(self.subject, value)
                if clean != value:
                    found[name] = clean
        return found

    def stays(self, row: dict[str, Any]) -> list[str]:
        """Columns that are never rewritten and hold something of the subject in this row."""
        return [
            name
            for name, value in row.items()
            if isinstance(value, str)
            and holds(self.table, name) in (Holds.WORDS, Holds.OTHERS)
            and self.mentions(value)
        ]

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.redacted(value)
        if isinstance(value, list):
            return [self._cleaned(item) for item in value]
        if isinstance(value, dict):
            return {self.redacted(name): self._cleaned(item) for name, item in value.items()}
        return value

    def _claimed(self, claims: list[Claim] | None, row: dict[str, Any]) -> bool:
        if not claims:
            return False
        moment = next((row[name] for name in self.times if row.get(name)), None)
        at = _moment(moment) if moment else None
        return any(at is None or claim.from_at <= at < claim.to_at for claim in claims)


def without_mention(subject: Subject, value: Any) -> Any:
    """A word of a list in one of their own rows: it stays, unless it holds an address, or more than a word."""
    if not isinstance(value, str):
        return value
    spans = subject.finder.find(value)
    is_word = spans == [(0, len(value))] and "@" not in value
    return value if not spans or is_word else subject.cleaned(value)


def _is_always(claim: Claim) -> bool:
    return claim.is_whole and claim.source is None


def _by_id(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(canonical(claim.identity), []).append(claim)
    return found


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else canonical(value)


def _moment(value: Any) -> str | None:
    """A moment of a text file as it compares with those of claims; None for one that cannot be read."""
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(sep=" ")
