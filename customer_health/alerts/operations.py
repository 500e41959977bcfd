"""What the running of the system itself has to tell: stale publications, failed gates, failed runs.

Belongs here: reading `publications/status.json`, and the events that follow from it.
Does not belong here: deciding that a publication is stale (publication/publish.py), events read from the marts
(events.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from customer_health.alerts.events import Event, event_id, make_event
from customer_health.core.safe_text import plain
from customer_health.publication.publish import current, staleness

STATUS_FILE = Path("publications") / "status.json"


@dataclass(frozen=True)
class HeldAttempt:
    """A build that was not published."""

    as_of: date
    reason: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class PublicationStatus:
    """Whether what is published is of today, as the publication left it."""

    is_stale: bool = False
    since: date | None = None
    as_of: date | None = None
    reason: str = ""
    held: Sequence[HeldAttempt] = ()


def read_status(warehouse: Path, now: datetime) -> PublicationStatus:
    """The status of the publication; without one, nothing has been held.

    The file says what was known when it was written: whether nothing has been published for too long shows only now.
    """
    path = warehouse / STATUS_FILE
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    held = tuple(
        HeldAttempt(_day(attempt["as_of_date"]), str(attempt.get("reason") or ""), _failed_checks(attempt))
        for attempt in document.get("held") or ()
    )
    if not document.get("is_stale") and current(warehouse):
        verdict = staleness(warehouse, now=now)
        since = verdict.since.date() if verdict.since else None
        return PublicationStatus(verdict.is_stale, since, verdict.as_of, verdict.reason, held)
    return PublicationStatus(
        is_stale=bool(document.get("is_stale")),
        since=_day(document["since"]) if document.get("since") else None,
        as_of=_day(document["as_of_date"]) if document.get("as_of_date") else None,
        reason=str(document.get("reason") or ""),
        held=held,
    )


def status_events(status: PublicationStatus) -> list[Event]:
    """A stale publication is told once, and so is each day whose build was held back."""
    events = []
    if status.is_stale and (status.since or status.as_of):
        shown = f"the scores shown are of {status.as_of}" if status.as_of else "no scores have been published yet"
        text = (
            f"Publication stale since {status.since or status.as_of}: {shown}. {plain(status.reason)}."
            " Alerts about scores wait until it is fresh again"
        )
        day = status.since or status.as_of
        events.append(make_event("publication_stale", "error", "publication", day, "stale", text))
    for attempt in status.held:
        number = f"{len(attempt.checks)} check{'s' if len(attempt.checks) != 1 else ''}"
        failed = f" ({number} failed: {plain(', '.join(attempt.checks))})" if attempt.checks else ""
        text = f"Publication held: the build of {attempt.as_of} was not published{failed}. {plain(attempt.reason)}"
        change = ",".join(attempt.checks)
        events.append(make_event("gate_failed", "error", "gate", attempt.as_of, change, text))
    return events


def failed_run(run_id: str, step: str, reason: str, now: datetime) -> Event:
    """An event for a run that did not end well; the same run and step make the same event."""
    text = f"Run failed: step {plain(step)} of run {plain(run_id)}. {plain(reason)}".rstrip(". ")
    # a sensor may see the same failure again on the next day
    identity = event_id("run_failed", run_id, date.min, step)
    return Event(identity, "run_failed", "error", run_id, now.date().isoformat(), None, None, None, text)


def _failed_checks(attempt: dict[str, Any]) -> tuple[str, ...]:
    """The checks of the gate's report that held this attempt back."""
    if not attempt.get("gate_results"):
        return ()
    results = json.loads(attempt["gate_results"])["results"]
    failed = {f"{result['suite']}/{result['check']}" for result in results if not result["passed"]}
    holding = {f"{result['suite']}/{result['check']}" for result in results if result["severity"] == "error"}
    return tuple(sorted(failed & holding))


def _day(value: str) -> date:
    return datetime.fromisoformat(value).date()
