"""What has been told: the ledger, the log and what still waits, as files that a killed process cannot spoil.

Belongs here: reading, appending, replacing and locking the files of `<warehouse>/alerts`.
Does not belong here: what an event is (events.py), or the order in which things are told (notify.py).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from customer_health.alerts.events import Event
from customer_health.core.errors import CustomerHealthError

FOLDER = "alerts"
LOG_FILE = "alerts.jsonl"
LEDGER_FILE = "ledger.jsonl"
STATE_FILE = "state.json"
RAISED_FILE = "raised.jsonl"
LOCK_FILE = ".lock"
TOLD = ("sent", "logged")


class AlertError(CustomerHealthError):
    """Alerts cannot be told or remembered; the message says why."""


@dataclass
class State:
    """How far the published days have been looked at, and which events still have to be told."""

    handled_until: date | None = None
    pending: dict[str, Event] = field(default_factory=dict)


class AlertStore:
    """The files of one warehouse's alerts."""

    def __init__(self, warehouse: Path) -> None:
        self.folder = warehouse / FOLDER

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the alerts of this warehouse; a second run is refused at once, so nothing is told twice."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK_FILE).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlertError(f"{self.folder}: alerts are being sent by another process") from None
            yield

    def finished(self) -> set[str]:
        """Ids of events that have been told. One that was superseded may come back, and is told then."""
        return {line["event_id"] for line in self._lines(LEDGER_FILE) if line["outcome"] in TOLD}

    def logged(self) -> set[str]:
        return {line["event_id"] for line in self._lines(LOG_FILE)}

    def raised(self) -> list[Event]:
        """Events that another part of the system has handed over."""
        return [Event(**line) for line in self._lines(RAISED_FILE)]

    def state(self) -> State:
        path = self.folder / STATE_FILE
        if not path.exists():
            return State()
        document = json.loads(path.read_text(encoding="utf-8"))
        handled = document["handled_until"]
        pending = [Event(**event) for event in document["pending"]]
        return State(date.fromisoformat(handled) if handled else None, {event.event_id: event for event in pending})

    def save(self, state: State) -> None:
        """Replace the state in one step."""
        handled = state.handled_until.isoformat() if state.handled_until else None
        document = {"handled_until": handled, "pending": [event.to_dict() for event in state.pending.values()]}
        self._replace(STATE_FILE, json.dumps(document, ensure_ascii=False, indent=1).encode())

    def let_go_of_raised(self, taken: Iterable[Event]) -> None:
        """Forget the events that were handed over, once the state holds them."""
        ids = {event.event_id for event in taken}
        with self._raised_lock():
            left = [line for line in self._lines(RAISED_FILE) if line["event_id"] not in ids]
            self._replace(RAISED_FILE, _as_bytes(left))

    def hand_over(self, event: Event) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._raised_lock():
            self._append_lines(RAISED_FILE, [event.to_dict()])

    def log(self, events: Iterable[Event], now: datetime) -> None:
        self._append_lines(LOG_FILE, ({"logged_at": now.isoformat(), **event.to_dict()} for event in events))

    def finish(self, events: Iterable[Event], outcome: str, now: datetime) -> None:
        """Remember that these events are done with: sent, logged (without a webhook) or superseded."""
        self._append_lines(
            LEDGER_FILE,
            (
                {"event_id": event.event_id, "kind": event.kind, "outcome": outcome, "at": now.isoformat()}
                for event in events
            ),
        )

    def _lines(self, name: str) -> list[dict[str, Any]]:
        """Whole lines only: the last one of a killed process is cut off, and its event told again."""
        path = self.folder / name
        if not path.exists():
            return []
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines() if line.strip()]

    def _append_lines(self, name: str, lines: Iterable[Mapping[str, Any]]) -> None:
        text = _as_bytes(lines)
        if not text:
            return
        path = self.folder / name
        with path.open("a+b") as file:
            file.seek(0)
            end = file.read().rfind(b"\n") + 1
            file.truncate(end)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, name: str, text: bytes) -> None:
        waiting = self.folder / f".{name}"
        with waiting.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(self.folder / name)
        _sync_folder(self.folder)

    @contextmanager
    def _raised_lock(self) -> Iterator[None]:
        with (self.folder / ".raised.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _as_bytes(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
