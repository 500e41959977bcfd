"""What forgetting remembers: a journal while it is going on, and a record afterwards that holds no personal data.

The journal has to know who is to be forgotten, so that a killed run can be finished when the raw rows are already gone;
it is deleted at the end. The record has a keyed hash of the id: who asks whether somebody has been forgotten has to
bring the id.

Belongs here: both files and the key.
Does not belong here: what is done in between (forget.py).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from customer_health.core.build_file import FORGETTING_FILE
from customer_health.core.settings import read_settings
from customer_health.forgetting.landing import Redacted
from customer_health.forgetting.rule import ForgetError, Subject

FOLDER = "forgotten"
RECORD_FILE = "records.jsonl"
KEY_FILE = "key"


@dataclass(frozen=True)
class ForgetRecord:
    """What was done for one request. Counts are rows: removed or changed, per table."""

    forgotten_at: str
    forgotten_by: str
    kind: str
    subject_hash: str
    totals_kept: bool
    raw: dict[str, dict[str, int]]
    published: dict[str, dict[str, int]]
    landing_files: int
    landing_rows: dict[str, int]
    published_files: int
    alerts: int
    not_looked_into: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not self.left_over and not self.not_looked_into

    @property
    def found_anything(self) -> bool:
        return bool(self.raw or self.published or self.landing_files or self.alerts)

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
        if not self.found_anything:
            lines.append(f"nothing of this {self.kind} was found: is the id right?")
        lines += [f"could not be looked into: {name}" for name in self.not_looked_into]
        lines += [f"something is left in: {name}" for name in self.left_over]
        return lines


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
    folder = warehouse / FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / RECORD_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def subject_hash(warehouse: Path, kind: str, identity: str) -> str:
    """Keyed, so that the record alone leads nobody back; the key may come from the environment."""
    given = read_settings().forget_key
    key = given.encode() if given else _key(warehouse / FOLDER / KEY_FILE)
    return hmac.new(key, f"{kind}:{identity}".encode(), hashlib.sha256).hexdigest()


def _key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
    return path.read_bytes()


def was_forgotten(warehouse: Path, kind: str, identity: str) -> datetime | None:
    """When somebody was forgotten here last; None if never."""
    path = warehouse / FOLDER / RECORD_FILE
    if not path.exists():
        return None
    wanted = subject_hash(warehouse, kind, identity)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    moments = [record["forgotten_at"] for record in records if record["subject_hash"] == wanted]
    return datetime.fromisoformat(moments[-1]) if moments else None
