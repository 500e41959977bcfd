"""Whether what readers see is stale, and the attempts that were held back since.

Belongs here: status.json, holding an attempt, and the reasons to call a publication stale.
Does not belong here: why an attempt is held (the gate decides), or who is told (alerts/notify.py).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from customer_health.publication.files import clear_errors, only_publisher, read_json, write_json
from customer_health.publication.store import Publication, Store
from expectations.report import GateReport

STATUS_FILE = "status.json"
# a refresh a day, and half a day for it to be late
MAX_SILENCE = timedelta(hours=36)

Attempt = dict[str, Any]


@dataclass(frozen=True)
class Staleness:
    """Whether to trust that readers see the newest scores; `as_of` is the last day that they see."""

    is_stale: bool
    reason: str
    since: datetime | None
    as_of: date | None


def staleness(warehouse: Path, *, now: datetime | None = None, max_silence: timedelta = MAX_SILENCE) -> Staleness:
    """Whether what is shown is held back, rolled back, older than it should be, or simply not renewed for too long."""
    store = Store(warehouse)
    return _judge(store.current(), _read(store), utc(now), max_silence)


def held_attempts(store: Store) -> list[Attempt]:
    """What was held back since the last publication, oldest first."""
    return list(_read(store)["held"])


def hold(warehouse: Path, *, as_of: date, reason: str, gate: GateReport | None, now: datetime | None = None) -> None:
    """Keep showing the last good publication, and say why it is not renewed."""
    store = Store(warehouse)
    moment = utc(now)
    with only_publisher(store.folder), clear_errors("holding the publication"):
        store.mend()
        current = store.current()
        attempt: Attempt = {
            "publication_id": new_id(moment),
            "status": "held",
            "published_at": moment.isoformat(),
            "as_of_date": as_of.isoformat(),
            "reason": reason,
            "previous_publication_id": current.publication_id if current else None,
            "gate_passed": gate.passed if gate else None,
            "gate_checks": len(gate.results) if gate else None,
            "gate_failures": len(gate.failures) if gate else None,
            "gate_warnings": len(gate.warnings) if gate else None,
            "gate_results": compact(gate),
        }
        status = _read(store)
        write_status(store, current, moment, [*status["held"], attempt], as_of)


def write_status(
    store: Store, current: Publication | None, moment: datetime, held: list[Attempt], asked_for: date
) -> None:
    """Replace status.json; the highest day ever asked for is what readers may expect to see."""
    known = _read(store)["highest_as_of_date"]
    status = {
        "held": held,
        "highest_as_of_date": max(filter(None, [known, asked_for.isoformat()])),
        "updated_at": moment.isoformat(),
    }
    verdict = _judge(current, status, moment, MAX_SILENCE)
    status |= {
        "is_stale": verdict.is_stale,
        "reason": verdict.reason,
        "since": verdict.since.isoformat() if verdict.since else None,
        "as_of_date": verdict.as_of.isoformat() if verdict.as_of else None,
        "publication_id": current.publication_id if current else None,
    }
    write_json(store.folder / STATUS_FILE, status)


def utc(moment: datetime | None) -> datetime:
    """A moment as a naive time in UTC, as everything that is stored."""
    given = moment or datetime.now(UTC)
    return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given


def new_id(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def compact(gate: GateReport | None) -> str | None:
    """A gate's report as one line of JSON."""
    return json.dumps(json.loads(gate.to_json()), ensure_ascii=False) if gate else None


def _read(store: Store) -> dict[str, Any]:
    return read_json(store.folder / STATUS_FILE) or {"held": [], "highest_as_of_date": None}


def _judge(current: Publication | None, status: dict[str, Any], now: datetime, max_silence: timedelta) -> Staleness:
    if current is None:
        held = status["held"]
        since = datetime.fromisoformat(held[0]["published_at"]) if held else None
        why = f"; the last attempt was held: {held[-1]['reason']}" if held else ""
        return Staleness(True, f"nothing has been published yet{why}", since, None)
    # a kill between publishing and clearing the list leaves attempts that are older than what is shown
    held = [item for item in status["held"] if datetime.fromisoformat(item["published_at"]) > current.published_at]
    if held:
        last = held[-1]
        reason = f"the publication of {last['as_of_date']} was held: {last['reason']}"
        return Staleness(True, reason, datetime.fromisoformat(held[0]["published_at"]), current.as_of)
    if current.status == "rolled_back":
        reason = f"rolled back to the publication {current.restores_publication_id}"
        return Staleness(True, reason, current.published_at, current.as_of)
    expected = status["highest_as_of_date"]
    if expected and current.as_of.isoformat() < expected:
        reason = f"what is shown ends on {current.as_of}, and {expected} had been asked for"
        return Staleness(True, reason, current.published_at, current.as_of)
    if now - current.published_at > max_silence:
        hours = max_silence / timedelta(hours=1)
        reason = (
            f"nothing has been published since {current.published_at:%Y-%m-%d %H:%M} UTC (more than {hours:g} hours)"
        )
        return Staleness(True, reason, current.published_at + max_silence, current.as_of)
    return Staleness(False, "", None, current.as_of)
