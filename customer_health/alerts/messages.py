"""Messages put together from events.

Belongs here: one message per manager, the gravest event first.
Does not belong here: what an event says (events.py), how a message travels (delivery.py), making values harmless
(core/safe_text.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from customer_health.alerts.events import Event
from customer_health.core.safe_text import plain

EVENTS_PER_MESSAGE = 20
SEVERITY_ORDER = {"error": 0, "warn": 1, "info": 2}


def messages(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    """One message per manager, the gravest first; a long one in parts. Events of no manager make one for everybody."""
    batches: dict[str, list[Event]] = {}
    for event in events:
        batches.setdefault(event.csm_id or "", []).append(event)
    parts = []
    for csm_id in sorted(batches):
        batch = sorted(batches[csm_id], key=lambda event: (SEVERITY_ORDER[event.severity], event.day, event.event_id))
        for start in range(0, len(batch), EVENTS_PER_MESSAGE):
            part = batch[start : start + EVENTS_PER_MESSAGE]
            whom = plain(part[0].csm_name or csm_id) if csm_id else "everybody"
            count = f"{len(batch)} alert{'s' if len(batch) != 1 else ''}"
            more = f", {start + 1} to {start + len(part)}" if len(batch) > EVENTS_PER_MESSAGE else ""
            lines = [f"Customer health, for {whom}: {count}{more}"]
            lines += [f"- {event.severity}: {event.text}" for event in part]
            parts.append(("\n".join(lines), part))
    return parts


def payload(text: str, events: Sequence[Event]) -> dict[str, Any]:
    """A message as Slack's incoming webhooks take it, with markup off; other receivers read the same fields."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "text": escaped,
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "event_ids": [event.event_id for event in events],
    }
