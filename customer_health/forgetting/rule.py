"""Who is to be forgotten, and what that means for one row of one table.

An account takes everything along that is its own: its rows, its users, what happened to them while they belonged to
it. A user leaves rows behind that the account's totals need, under a random token that nothing leads back from; what
they wrote, and columns that the contract does not know, go. The same rule stands here for rows of text files and, as
SQL, in sql.py for tables.

Belongs here: the ids and words that lead to somebody, and the rule for a row.
Does not belong here: where rows lie (landing.py, build.py, publications.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from customer_health.core.contract import Table
from customer_health.core.errors import CustomerHealthError
from customer_health.core.sql import AUDIT_COLUMNS

FORGOTTEN = "[forgotten]"
USER, ACCOUNT = "user", "account"
ALWAYS = ("0001-01-01 00:00:00", "9999-12-31 00:00:00")
SHORTEST_WORD = 5
WORD_CHARACTERS = "0-9A-Za-z_"


class ForgetError(CustomerHealthError):
    """Forgetting cannot go on; what is done stays done, and running it again goes on from there."""


@dataclass(frozen=True)
class Claim:
    """An id that means the subject in tables of one source (None: in all) from one moment to another."""

    identity: str
    source: str | None = None
    from_at: str = ALWAYS[0]
    to_at: str = ALWAYS[1]


@dataclass
class Subject:
    """One user or account: everything that leads to it.

    `token` stands in place of a user. `accounts` and `users` are the ids in columns of these names; `tickets` those of
    an account; `words` and `contacts` are looked for in free text, contacts in any case.
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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Subject:
        claims = {name: [Claim(**claim) for claim in document[name]] for name in ("accounts", "users")}
        return cls(**{**document, **claims})

    def patterns(self) -> list[str]:
        """What free text is searched for: regular expressions without boundaries, for both engines."""
        found = []
        for words, flag in ((self.words, ""), (self.contacts, "(?i)")):
            ordered = sorted(set(words), key=lambda word: (-len(word), word))
            for start in range(0, len(ordered), 400):
                found.append(flag + "|".join(_escaped(word) for word in ordered[start : start + 400]))
        return found

    def compiled(self) -> list[re.Pattern[str]]:
        return [
            re.compile(
                f"(?<![{WORD_CHARACTERS}])(?:{pattern.removeprefix('(?i)')})(?![{WORD_CHARACTERS}])",
                re.IGNORECASE if pattern.startswith("(?i)") else 0,
            )
            for pattern in self.patterns()
        ]


def _escaped(word: str) -> str:
    """A word as a regular expression that Python and RE2 read alike."""
    return "".join(
        char if char.isalnum() or char in "_ " or ord(char) > 127 else f"\\x{ord(char):02x}" for char in word
    )


def is_distinctive(word: str) -> bool:
    """Whether a word in free text means this subject and hardly anything else."""
    return len(word) >= SHORTEST_WORD and (any(char.isalpha() for char in word) or len(word) >= 8)


def is_id(name: str) -> bool:
    return name.endswith("_id") or name == "author"


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
        self.patterns = subject.compiled()
        source = table.source if table else None
        self.accounts = _by_id(claim for claim in subject.accounts if claim.source in (None, source))
        self.users = _by_id(subject.users)
        self.exact = {*self.accounts, *self.users, *subject.words, *subject.contacts, subject.identity}
        self.tickets = set(subject.tickets)
        self.times = time_columns(table)
        known = set(table.column_names) if table else set()
        self.personal = {column.name for column in table.columns if column.personal} if table else set()
        self.known = known | set(AUDIT_COLUMNS)

    def mentions(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self.patterns)

    def redacted(self, text: str) -> str:
        for pattern in self.patterns:
            text = pattern.sub(FORGOTTEN, text)
        return text

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
            if is_user and name == "user_id":
                found[name] = self.subject.token
            elif is_user and (name in self.personal or name not in self.known):
                found[name] = None
            elif is_id(name):
                if _text(value) in self.exact and name != "account_id" and not self._belongs_elsewhere(name, value):
                    found[name] = None
            elif name not in AUDIT_COLUMNS:
                clean = self._cleaned(value)
                if clean != value:
                    found[name] = clean
        return found

    def _belongs_elsewhere(self, name: str, value: Any) -> bool:
        """A user who went to another account stays there."""
        claims = self.users.get(_text(value) or "")
        return bool(claims) and all((claim.from_at, claim.to_at) != ALWAYS for claim in claims)

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


def _by_id(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.identity, []).append(claim)
    return found


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _moment(value: Any) -> str | None:
    """A moment of a text file as it compares with those of claims; None for one that cannot be read."""
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(sep=" ")
