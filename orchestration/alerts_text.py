"""Words that can be read anywhere: values from the data made harmless, and messages put together.

Belongs here: taking the meaning out of control characters, markup, mentions and formulas; one message per manager.
Does not belong here: what an event says (alerts_events.py) or how a message travels (alerts_delivery.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestration.alerts_events import Event

LONGEST_VALUE = 300
EVENTS_PER_MESSAGE = 20
# an invisible character in the middle: a person reads the same, a chat program no longer sees a mention or a link
BREAK = "\u2060"
LOOKALIKES = str.maketrans(
    {"*": "\u2217", "~": "\u223c", "`": "'", "|": "\u00a6", "[": "(", "]": ")", "<": "\u2039", ">": "\u203a"}
)
SEVERITY_ORDER = {"error": 0, "warn": 1, "info": 2}


def plain(value: Any) -> str:
    """A value as text on one line that no chat program, Markdown page or spreadsheet takes for anything but text."""
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    text = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    text = " ".join(text.split())
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "\u2026"
    text = text.translate(LOOKALIKES).replace("://", f":{BREAK}//").replace("@", f"@{BREAK}")
    text = re.sub(r"(?<!\w)_|_(?!\w)", "\uff3f", text)
    text = re.sub(r"\bwww\.", f"www{BREAK}.", text, flags=re.IGNORECASE)
    # a cell that begins so is a formula
    return re.sub(r"^([=+\-#@])", r"'\1", text) if not re.fullmatch(r"[+\-]?[\d.,]+( ?%)?", text) else text


def without_secrets(text: str) -> str:
    """Somebody else's error message without addresses' paths, passwords and e-mail addresses, on one line."""
    text = re.sub(r"(\w+://)[^\s/@\"']*@", r"\1", text)
    text = re.sub(r"(\w+://[^\s/?#\"']+)[/?#][^\s\"']*", r"\1/***", text)
    text = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 ***", text)
    names = "token|secret|password|passwd|api[-_]?key|credential"
    text = re.sub(rf"(?i)\b(\w*(?:{names})s?)\b(\s*[=:]\s*|\s+)(?!\*\*\*)\S+", r"\1\2***", text)
    return re.sub(r"[^\s@\"'<>]+@[^\s@\"'<>]+", "(address not shown)", text)


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
