"""Tell people what they have to know: once, in plain words, and not while the scores are stale.

Everything goes to the log `<warehouse>/alerts/alerts.jsonl`, and to a Slack-compatible webhook where the environment
variable CUSTOMER_HEALTH_WEBHOOK_URL holds its address. An event counts as told once the receiver has taken it and the
ledger has it on disk: killed in between, the message goes out a second time; otherwise never. What could not be
delivered waits for the next run. What waited is read again from the newest publication: an event that still holds is
sent, one that the new data no longer shows is recorded as superseded.

Belongs here: the order of these steps, the report, the command.
Does not belong here: events (events.py, operations.py), files (store.py), the network
(delivery.py).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from customer_health.alerts.delivery import TIMEOUT_SECONDS, DeliveryError, Webhook, WebhookError
from customer_health.alerts.events import PUBLISHED_KINDS, SCORE_KINDS, Event, last_published_day, published_events
from customer_health.alerts.messages import messages, payload
from customer_health.alerts.operations import failed_run, read_status, status_events
from customer_health.alerts.store import AlertError, AlertStore, State
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.safe_text import without_secrets
from customer_health.publication.files import PublicationError
from customer_health.reading.published import NothingPublishedError, opened

__all__ = ["AlertError", "AlertReport", "notify", "report_failed_run"]

WEBHOOK_VARIABLE = "CUSTOMER_HEALTH_WEBHOOK_URL"


@dataclass
class AlertReport:
    """What one run told. `waiting` were not delivered, `muted` wait until the publication is fresh again."""

    sent: list[Event] = field(default_factory=list)
    logged: list[Event] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    muted: list[Event] = field(default_factory=list)
    superseded: list[Event] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        counts = {"logged": self.logged, "sent": self.sent, "waiting": self.waiting, "muted": self.muted}
        counts["superseded"] = self.superseded
        head = "alerts: " + ", ".join(f"{len(events)} {name}" for name, events in counts.items())
        return [head, *(f"  {failure}" for failure in self.failures)]


def notify(
    warehouse: Path,
    *,
    webhook: str | None,
    now: datetime | None = None,
    timeout: float = TIMEOUT_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> AlertReport:
    """Tell what is new in the published file and about publications.

    Args:
        webhook: address of a Slack-compatible webhook; None tells the log only, and that is then enough.
        sleep: how to wait between attempts.

    Raises:
        AlertError: when nothing can be told (no valid address, another run, no space for the log).
    """
    moment = now or datetime.now(UTC)
    try:
        target = Webhook(webhook, timeout=timeout, sleep=sleep) if webhook else None
    except WebhookError as fault:
        raise AlertError(str(fault)) from None
    store = AlertStore(warehouse)
    try:
        with store.locked():
            return _tell(warehouse, store, target, moment)
    except PublicationError as fault:
        raise AlertError(f"the publication's status cannot be read: {fault}") from None
    except OSError as fault:
        raise AlertError(f"{store.folder}: {fault.strerror or type(fault).__name__}") from None


def report_failed_run(
    warehouse: Path, *, run_id: str, step: str, reason: str = "", now: datetime | None = None
) -> Event:
    """Hand a failed run over to the alerts of this warehouse; the next `notify` tells it."""
    event = failed_run(run_id, step, without_secrets(reason), now or datetime.now(UTC))
    try:
        AlertStore(warehouse).hand_over(event)
    except OSError as fault:
        raise AlertError(f"{warehouse}: the failed run cannot be noted: {fault.strerror}") from None
    return event


def _tell(warehouse: Path, store: AlertStore, target: Webhook | None, now: datetime) -> AlertReport:
    report = AlertReport()
    finished, state = store.finished(), store.state()
    status = read_status(warehouse, now)
    raised = store.raised()
    # a ledger line is newer than the state: a run may have been killed between the two
    waiting = {identity: event for identity, event in state.pending.items() if identity not in finished}
    found = {event.event_id: event for event in (*raised, *status_events(status))}
    published = _published(warehouse, state, waiting.values(), report)
    if published is not None:
        last_day, events = published
        found |= {event.event_id: event for event in events}
        if not status.is_stale:
            over = [
                event for event in waiting.values() if event.kind in PUBLISHED_KINDS and event.event_id not in found
            ]
            store.finish(over, "superseded", now)
            report.superseded = over
            waiting = {identity: event for identity, event in waiting.items() if event not in over}
        state.handled_until = max(last_day, state.handled_until or last_day)
    # words of the newest reading
    waiting |= {identity: event for identity, event in found.items() if identity not in finished}
    store.save(State(state.handled_until, waiting))
    if raised:
        store.let_go_of_raised(raised)

    report.muted = [event for event in waiting.values() if status.is_stale and event.kind in SCORE_KINDS]
    due = [event for event in waiting.values() if event not in report.muted]
    logged = store.logged()
    report.logged = [event for event in due if event.event_id not in logged]
    store.log(report.logged, now)
    if target is None:
        store.finish(due, "logged", now)
        done = due
    else:
        done = _send(store, target, due, now, report)
    finished = {event.event_id for event in done}
    store.save(State(state.handled_until, {key: event for key, event in waiting.items() if key not in finished}))
    return report


def _send(store: AlertStore, target: Webhook, due: Sequence[Event], now: datetime, report: AlertReport) -> list[Event]:
    """One message after the other; what one manager's message meets does not hold up the others."""
    for text, events in messages(due):
        key = hashlib.sha256(json.dumps([event.event_id for event in events]).encode()).hexdigest()[:32]
        try:
            target.send(payload(text, events), key)
        except DeliveryError as fault:
            report.failures.append(f"{len(events)} alerts wait for the next run: {fault}")
            report.waiting += events
            continue
        store.finish(events, "sent", now)
        report.sent += events
    return report.sent


def _published(
    warehouse: Path, state: State, waiting: Iterable[Event], report: AlertReport
) -> tuple[date, list[Event]] | None:
    """The last published day and what it tells, with the days not looked at yet and those of waiting events."""
    try:
        with opened(warehouse) as con:
            last_day = last_published_day(con)
            if last_day is None:
                return None
            first_days = [
                last_day,
                *(date.fromisoformat(event.day) for event in waiting if event.kind == "grade_change"),
            ]
            if state.handled_until:
                first_days.append(state.handled_until + timedelta(days=1))
            return last_day, published_events(con, min(first_days), last_day)
    except NothingPublishedError:
        return None
    except duckdb.Error as fault:
        words = without_secrets(str(fault).splitlines()[0])
        report.failures.append(f"{PUBLISHED_FILE} cannot be read, so only what is known without it is told: {words}")
        return None
