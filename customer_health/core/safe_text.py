"""Values from data made harmless for people and programs that read them.

Belongs here: text that no chat program, Markdown page or spreadsheet takes for more than text, and
messages without secrets.
Does not belong here: what a message says (alerts, digest, assistants), HTML (templates escape it).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

LONGEST_VALUE = 300
# an invisible character in the middle: a person reads the same, a chat program no longer sees a mention or a link
BREAK = "\u2060"
LOOKALIKES = str.maketrans(
    {"*": "\u2217", "~": "\u223c", "`": "'", "|": "\u00a6", "[": "(", "]": ")", "<": "\u2039", ">": "\u203a"}
)


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
