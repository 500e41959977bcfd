"""Take somebody out of everything else in a warehouse folder: alerts, status files, pages, logs; then look once more.

Belongs here: small text files, folders that the next run fills again, the search for what is left.
Does not belong here: databases, Parquet and landing files (build.py, publications.py, landing.py).
"""

from __future__ import annotations

import io
import json
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from customer_health.alerts.store import FOLDER as ALERTS
from customer_health.alerts.store import LEDGER_FILE, LOG_FILE, RAISED_FILE, STATE_FILE
from customer_health.forgetting.publications import write_text
from customer_health.forgetting.rule import RowRule, Subject

# filled again by the next run: artifacts and logs of dbt and of the metrics, pages of the gate, digests and proposed
# weights, half-done work
MADE_AGAIN = (
    "target",
    "logs",
    "gate",
    "metrics",
    "digest",
    "proposals",
    ".landing",
    "build.duckdb.tmp",
    "publications/.work",
)
TEXT_FILES = {".json", ".jsonl"}
# whether what is found is part of something longer, shows in its neighbourhood
AROUND = 64
BLOCK = 8 * 1024 * 1024
LONGEST_MENTION = 2_000
# their values are searched while they are written anew
OUR_BINARY = {".duckdb", ".parquet"}
# nothing of what is packed, drawn or locked can be read from outside
PACKED = {
    ".7z", ".bz2", ".docx", ".gif", ".gpg", ".gz", ".jpeg", ".jpg", ".ods", ".odt", ".pdf", ".pgp", ".png", ".pptx",
    ".rar", ".tar", ".tgz", ".webp", ".xls", ".xlsx", ".xz", ".zip", ".zst",
}  # fmt: skip


def forget_in_alerts(warehouse: Path, subject: Subject) -> int:
    """Remove alerts about the subject from the log, the ledger and what waits; how many there were."""
    folder = warehouse / ALERTS
    rule = RowRule(subject, None)
    gone: set[str] = set()
    for name in (LOG_FILE, RAISED_FILE):
        gone |= _keep_lines(folder / name, rule)
    state = folder / STATE_FILE
    if state.exists():
        document = json.loads(state.read_text(encoding="utf-8"))
        kept = [event for event in document["pending"] if not _is_about(event, rule)]
        gone |= {event["event_id"] for event in document["pending"] if event not in kept}
        write_text(state, json.dumps({**document, "pending": kept}, ensure_ascii=False, indent=1))
    ledger = folder / LEDGER_FILE
    if ledger.exists():
        # an id is a hash of the account among others: it goes with the alert
        lines = [line for line in _lines(ledger) if line.get("event_id") not in gone]
        write_text(ledger, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return len(gone)


def _keep_lines(path: Path, rule: RowRule) -> set[str]:
    if not path.exists():
        return set()
    kept, gone = [], set()
    for line in _lines(path):
        if _is_about(line, rule):
            gone.add(line["event_id"])
        else:
            kept.append(line)
    write_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept))
    return gone


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines; one that a kill cut short says nothing that can be kept."""
    text = path.read_bytes()
    for line in text[: text.rfind(b"\n") + 1].splitlines():
        if line.strip():
            yield json.loads(line)


def _is_about(event: dict[str, Any], rule: RowRule) -> bool:
    return rule.drops(event) or rule.mentions(json.dumps(event, ensure_ascii=False))


def forget_in_folders(warehouse: Path) -> None:
    """Remove what the next run makes again."""
    for name in MADE_AGAIN:
        path = warehouse / name
        if path.is_dir():
            shutil.rmtree(path)


def forget_in_text_files(warehouse: Path, subject: Subject, besides: Iterable[Path]) -> None:
    """Redact what status files and other JSON texts say."""
    rule = RowRule(subject, None)
    skipped = set(besides)
    for path in sorted(warehouse.rglob("*.json*")):
        if path.suffix not in TEXT_FILES or path in skipped or not path.is_file() or _is_inside(path, skipped):
            continue
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        try:
            documents = (
                [json.loads(text)] if path.suffix == ".json" else [json.loads(x) for x in text.splitlines() if x]
            )
        except ValueError:
            continue
        cleaned = [_redacted(document, rule) for document in documents]
        if cleaned != documents:
            indent = 2 if path.suffix == ".json" else None
            write_text(path, "".join(json.dumps(item, ensure_ascii=False, indent=indent) + "\n" for item in cleaned))


def _redacted(value: Any, rule: RowRule, name: str = "") -> Any:
    if isinstance(value, str):
        if rule.names(name, value):
            return None
        return rule.redacted(value)
    if isinstance(value, list):
        return [_redacted(item, rule, name) for item in value]
    if isinstance(value, dict):
        return {key: _redacted(item, rule, key) for key, item in value.items()}
    return value


def _is_inside(path: Path, folders: set[Path]) -> bool:
    return any(folder in path.parents for folder in folders)


def look_into_alerts(warehouse: Path, subject: Subject) -> int:
    """How many alerts are about the subject."""
    folder = warehouse / ALERTS
    rule = RowRule(subject, None)
    lines = [line for name in (LOG_FILE, RAISED_FILE) if (folder / name).exists() for line in _lines(folder / name)]
    return len({line["event_id"] for line in lines if _is_about(line, rule)})


@dataclass(frozen=True)
class LeftOver:
    """Files in which something of the subject can still be read, and files of which nobody can tell."""

    found: list[str]
    not_searched: list[str]


def search_left_over(folders: Iterable[Path], subject: Subject, besides: Iterable[Path]) -> LeftOver:
    """Look through names and bytes of everything, and through the words of what is text, in any spelling.

    Values of databases and Parquet files were looked through when they were written anew.
    """
    words = [*subject.words, *subject.contacts]
    forms = sorted({form for word in words for form in _forms(word)})
    longest = max((len(form) for form in forms), default=0) + 2
    skipped = set(besides)
    left = LeftOver([], [])
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path in skipped:
                continue
            name = str(path.relative_to(folder))
            if path.suffix.lower() in PACKED:
                left.not_searched.append(name)
            if not words:
                continue
            if subject.finder.mentions(name) or _holds(path, forms, longest, subject) or _says(path, subject):
                left.found.append(name)
    return left


def _forms(word: str) -> set[bytes]:
    """A word as bytes: as text, as JSON writes it, and composed otherwise."""
    spelled = {word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)}
    return {form for each in spelled for form in (each.encode(), json.dumps(each)[1:-1].encode())}


def _says(path: Path, subject: Subject) -> bool:
    """Whether a text says it in any spelling; other files are searched by their bytes alone."""
    if path.suffix.lower() in OUR_BINARY or path.suffix.lower() in PACKED:
        return False
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        tail = ""
        while block := text.read(BLOCK):
            if subject.finder.mentions(tail + block):
                return True
            tail = block[-LONGEST_MENTION:]
    return False


def _holds(path: Path, forms: list[bytes], longest: int, subject: Subject) -> bool:
    with path.open("rb") as file:
        tail = b""
        while block := file.read(BLOCK):
            read = tail + block
            if any(_is_whole(read, form, subject) for form in forms):
                return True
            tail = block[-longest:]
    return False


def _is_whole(read: bytes, form: bytes, subject: Subject) -> bool:
    """Whether a form stands somewhere by itself; plain search is many times faster than a pattern."""
    place = read.find(form)
    while place >= 0:
        before = read[max(place - AROUND, 0) : place].decode("utf-8", "replace")
        text = before + read[place : place + len(form) + AROUND].decode("utf-8", "replace")
        # at its ends the neighbourhood is cut off
        if any(start <= len(before) < end for start, end in subject.finder.find(text)):
            return True
        place = read.find(form, place + 1)
    return False
