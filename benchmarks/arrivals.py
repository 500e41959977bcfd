"""Let a company's landing files arrive in two parts: what was known before a day, and what that day brought.

    python -m benchmarks.arrivals --landing <folder> --day 2026-06-30 --before <folder> --after <folder>

Belongs here: telling the rows of landing files apart by the day on which they happened or were last changed.
Does not belong here: writing a company (examples/company), loading files (customer_health/landing/load.py).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from customer_health.core.contract import Table, load_contract

FileSplit = Callable[[Path, Table, date, Path, Path], None]


def split_landing(landing: Path, day: date, before: Path, after: Path) -> None:
    """Write two landing folders: rows up to the day before, and rows of the day and later.

    A row that cannot be dated belongs to the past. No file is written that would hold no row.
    """
    for table in load_contract().tables.values():
        for path in sorted((landing / table.name).glob("*")):
            # the second part has a name of its own: it is to lie beside the first
            parts = before / table.name / path.name, after / table.name / f"{path.stem}_from_{day}{path.suffix}"
            for part in parts:
                part.parent.mkdir(parents=True, exist_ok=True)
            _SPLITS[path.suffix](path, table, day, *parts)


def _split_csv(path: Path, table: Table, day: date, before: Path, after: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    dating = [header.index(name) for name in table.changed_by if name in header]
    parts: tuple[list[list[str]], list[list[str]]] = ([], [])
    for row in rows:
        found = max((row[n] for n in dating if n < len(row)), default="")
        parts[found[:10] >= day.isoformat()].append(row)
    for part, kept in zip((before, after), parts, strict=True):
        if kept:
            with part.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header, *kept])


def _split_json_lines(path: Path, table: Table, day: date, before: Path, after: Path) -> None:
    parts: tuple[list[str], list[str]] = ([], [])
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        try:
            row = json.loads(line)
            found = max((str(row[name]) for name in table.changed_by if row.get(name)), default="")
        except (json.JSONDecodeError, AttributeError):
            found = ""
        parts[found[:10] >= day.isoformat()].append(line)
    for part, kept in zip((before, after), parts, strict=True):
        if kept:
            part.write_text("".join(kept), encoding="utf-8")


def _split_parquet(path: Path, table: Table, day: date, before: Path, after: Path) -> None:
    with duckdb.connect() as con:
        rows = con.from_parquet(str(path))
        dating = [f"cast({name} as timestamp)" for name in table.changed_by if name in rows.columns]
        is_later = f"coalesce(cast(greatest({', '.join(dating)}) as date) >= date '{day}', false)"
        for part, condition in ((before, f"not {is_later}"), (after, is_later)):
            kept = rows.filter(condition)
            if kept.aggregate("count(*)").fetchall()[0][0]:
                kept.write_parquet(str(part))


_SPLITS: dict[str, FileSplit] = {".csv": _split_csv, ".jsonl": _split_json_lines, ".parquet": _split_parquet}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arrivals", description=__doc__.splitlines()[0])
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, required=True)
    given = parser.parse_args(arguments)
    split_landing(given.landing, given.day, given.before, given.after)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
