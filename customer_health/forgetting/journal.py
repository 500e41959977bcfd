"""What forgetting remembers: a journal while it is going on, and a record afterwards that holds no personal data.

The journal has to know who is to be forgotten, so that a killed run can be finished when the raw rows are already gone;
it is deleted at the end. The record has a keyed hash of the id: who asks whether somebody has been forgotten has to
bring the id.

Belongs here: both files and the key.
Does not belong here: what is done in between (forget.py).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from customer_health.core.build_file import FORGETTING_FILE
from customer_health.core.mentions import token_of
from customer_health.core.private import make_private, make_private_folder
from customer_health.forgetting.landing import Redacted
from customer_health.forgetting.rule import ACCOUNT, USER, ForgetError, Subject
from customer_health.landing.forgotten import (
    FOLDER,
    OTHER,
    TICKET,
    WORD,
    Entry,
    canonical,
    keyed_hash,
    read_key,
    word_entry,
)

RECORD_FILE = "records.jsonl"
NOT_SEARCHED = (
    "not searched: pictures, packed and locked files, words in other writings (base64, initials, other alphabets); what"
    " lies elsewhere: the systems that deliver, backups, messages already sent"
)


@dataclass(frozen=True)
class ForgetRecord:
    """What was done for one request. Counts are rows: removed or changed, per table."""

    forgotten_at: str
    forgotten_by: str
    kind: str
    subject_hash: str
    totals_kept: bool
    raw: dict[str, dict[str, Any]]
    published: dict[str, dict[str, Any]]
    landing_files: int
    landing_rows: dict[str, int]
    published_files: int
    alerts: int
    not_looked_into: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    # files that are packed or drawn, and how many ids and names are words that anybody uses
    not_searched: list[str] = field(default_factory=list)
    too_common: int = 0

    @property
    def is_complete(self) -> bool:
        return not self.left_over and not self.not_looked_into

    @property
    def found_anything(self) -> bool:
        counted = [*self.raw.values(), *self.published.values()]
        is_there = any(count["removed"] or count["changed"] for count in counted)
        return bool(is_there or self.landing_files or self.alerts)

    def lines(self) -> list[str]:
        """The record for a terminal; the id is not in it."""
        removed = sum(count["removed"] for count in self.raw.values())
        changed = sum(count["changed"] for count in self.raw.values())
        shown = sum(count["removed"] + count["changed"] for count in self.published.values())
        lines = [
            f"forgotten: one {self.kind}: {removed:,} raw rows removed and {changed:,} made anonymous,"
            f" {self.landing_files} landing files and {self.published_files} published files written anew"
            f" ({shown:,} published rows), {self.alerts} alerts removed"
        ]
        if self.too_common:
            lines.append(say_too_common(self.too_common))
        lines += [f"could not be looked into: {name}" for name in self.not_looked_into]
        lines += [f"something is left in: {name}" for name in self.left_over]
        lines += [f"cannot be searched: {name}" for name in self.not_searched]
        lines.append(NOT_SEARCHED)
        return lines


def say_too_common(count: int) -> str:
    return (
        f"{count} of their ids and names are words that anybody uses, or too short: columns of ids were searched for"
        " them, texts were not (--also names a word that means them)"
    )


class Journal:
    """The one forgetting that is going on in a warehouse."""

    def __init__(self, warehouse: Path) -> None:
        self.path = warehouse / FORGETTING_FILE

    def read(self) -> tuple[Subject, list[Redacted], dict[str, Any]] | None:
        """Who is being forgotten, which landing files were redacted, and what was counted already."""
        if not self.path.exists():
            return None
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            redacted = [Redacted(**file) for file in document["redacted"]]
            return Subject.from_dict(document["subject"]), redacted, document["counted"]
        except (ValueError, KeyError, TypeError):
            raise ForgetError(f"{self.path} cannot be read; forgetting has to be finished by hand") from None

    def write(self, subject: Subject, redacted: list[Redacted], counted: dict[str, Any]) -> None:
        document = {"subject": subject.to_dict(), "redacted": [asdict(file) for file in redacted], "counted": counted}
        beside = self.path.with_name(f"{self.path.name}.next")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)

    def close(self) -> None:
        self.path.with_name(f"{self.path.name}.next").unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def keep_record(warehouse: Path, record: ForgetRecord) -> None:
    """Add a record to those of this warehouse."""
    folder = make_private_folder(warehouse / FOLDER)
    with (folder / RECORD_FILE).open("a", encoding="utf-8") as file:
        make_private(folder / RECORD_FILE)
        file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def subject_hash(warehouse: Path, kind: str, identity: str) -> str:
    """Keyed, so that the record alone leads nobody back; the key may come from the environment."""
    key = read_key(warehouse, make=True)
    assert key is not None
    return keyed_hash(key, kind, canonical(identity))


def entries_of(warehouse: Path, subject: Subject) -> list[Entry]:
    """What is kept of a subject, so that rows of theirs are known when they arrive again."""
    key = read_key(warehouse, make=True)
    assert key is not None
    whose = keyed_hash(key, subject.kind, canonical(subject.identity))
    entries: list[Entry] = []
    for claim in subject.accounts:
        hashed = keyed_hash(key, ACCOUNT, canonical(claim.identity))
        times = {} if claim.is_whole else {"from_at": claim.from_at, "to_at": claim.to_at}
        entries.append(Entry(whose, ACCOUNT, hashed, source=claim.source, **times))
    for claim in subject.users:
        hashed = keyed_hash(key, USER, canonical(claim.identity))
        times = {} if claim.is_whole else {"from_at": claim.from_at, "to_at": claim.to_at}
        if subject.kind == USER:
            pseudonym = subject.token if subject.keep_totals else None
            entries.append(Entry(whose, USER, hashed, pseudonym=pseudonym, **times))
        else:
            entries.append(Entry(whose, USER, hashed, owner=whose, **times))
    entries += [Entry(whose, TICKET, keyed_hash(key, TICKET, canonical(ticket))) for ticket in subject.tickets]
    # whose spelling is close to somebody else's is not looked for in texts: the other one may be meant
    words = [word for word in (*subject.words, *subject.contacts) if word not in subject.exact]
    for kind, spelled in ((WORD, words), (OTHER, subject.others)):
        tokens = {token.letters: token for token in map(token_of, spelled) if token}
        entries += [word_entry(key, whose, token, kind) for token in tokens.values()]
    return entries


def was_forgotten(warehouse: Path, kind: str, identity: str) -> datetime | None:
    """When somebody was forgotten here last; None if never."""
    path = warehouse / FOLDER / RECORD_FILE
    if not path.exists():
        return None
    wanted = subject_hash(warehouse, kind, identity)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    moments = [record["forgotten_at"] for record in records if record["subject_hash"] == wanted]
    return datetime.fromisoformat(moments[-1]) if moments else None
