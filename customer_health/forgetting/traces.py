"""Take somebody out of everything else in a warehouse folder: alerts, status files, pages, logs; then look once more.

Belongs here: small text files, folders that the next run fills again, the search for what is left.
Does not belong here: databases, Parquet and landing files (build.py, publications.py, landing.py).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
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
BLOCK = 8 * 1024 * 1024


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


def _redacted(value: Any, rule: RowRule) -> Any:
    if isinstance(value, str):
        # text may be JSON once more, or an id that is too short to be looked for in sentences
        return None if value in rule.exact else rule.redacted(value)
    if isinstance(value, list):
        return [_redacted(item, rule) for item in value]
    if isinstance(value, dict):
        return {name: _redacted(item, rule) for name, item in value.items()}
    return value


def _is_inside(path: Path, folders: set[Path]) -> bool:
    return any(folder in path.parents for folder in folders)


def left_over(folders: Iterable[Path], subject: Subject, besides: Iterable[Path]) -> list[str]:
    """Files in whose bytes or names something of the subject can still be read."""
    words = [*subject.words, *subject.contacts]
    if not words:
        return []
    forms = sorted({form for word in words for form in (word.encode(), json.dumps(word)[1:-1].encode())})
    pattern = re.compile(b"|".join(rb"(?<![0-9A-Za-z_])" + re.escape(form) + rb"(?![0-9A-Za-z_])" for form in forms))
    longest = max(len(word.encode()) for word in words) * 6 + 2
    skipped = set(besides)
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path in skipped:
                continue
            if pattern.search(str(path.relative_to(folder)).encode()) or _holds(path, forms, pattern, longest):
                found.append(str(path.relative_to(folder)))
    return found


def _holds(path: Path, forms: list[bytes], pattern: re.Pattern[bytes], longest: int) -> bool:
    with path.open("rb") as file:
        tail = b""
        while block := file.read(BLOCK):
            read = tail + block
            # looking for plain bytes is many times faster than for whole words, and hardly any file holds one
            if any(form in read for form in forms) and pattern.search(read):
                return True
            tail = block[-longest:]
    return False
