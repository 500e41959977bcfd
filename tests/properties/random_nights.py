"""A small random company and its nights: what happens to a warehouse between one refresh and the next, at random.

Belongs here: the choice of days and of what happens before each, and doing it to a warehouse.
Does not belong here: the rows themselves (random_company.py) or what must hold afterwards (the tests).
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from customer_health.refresh.lock import request_rebuild
from tests.pipeline import Warehouse
from tests.properties.random_company import FIRST_DAY, LAST_DAY, RandomCompany, garbage

EVERYTHING = ("*",)


@dataclass
class Nights:
    """One company; `happened` says what each night met, so that a failure can be read."""

    seed: int
    warehouse: Warehouse
    select: Sequence[str]
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pick = random.Random(self.seed)
        self._company = RandomCompany(self.seed, accounts=8, twin_pairs=0)
        self._delivered_until: date | None = None
        self._hour = 0
        self._clock_is_off = timedelta()

    def pass_by(self, number: int) -> Iterator[date]:
        """Yield the day after each night's build, which describes that day."""
        day = FIRST_DAY + timedelta(days=self._pick.randrange(25, 45))
        for _ in range(number):
            event = self._pick.choice(list(self._events))
            self.happened.append(f"{day}: {event}")
            self._deliver(day)
            self._events[event](self, day)
            self.warehouse.build(day, select=self.select)
            yield day
            # some nights are done twice, some are left out, many meet the end of a month
            day = min(day + timedelta(days=self._pick.choice([0, 1, 1, 1, 2, 9])), LAST_DAY)

    def _deliver(self, day: date) -> None:
        rows = self._company.rows(self._delivered_until, day)
        self.warehouse.load(rows, self._now(day), f"{day}-{self._hour}.csv")
        self._delivered_until = day

    def _now(self, day: date) -> datetime:
        """Each load is later than the one before, also where a day is built twice; unless the clock is set back."""
        self._hour += 1
        return datetime.combine(day + timedelta(days=1), time(0)) + timedelta(minutes=self._hour) + self._clock_is_off

    def _nothing(self, day: date) -> None:
        """A night like most."""

    def _bring_garbage(self, day: date) -> None:
        by_table: dict[str, list[dict[str, Any]]] = {}
        for table, row in garbage(self.seed + self._hour):
            by_table.setdefault(table, []).append(row)
        self.warehouse.load(by_table, self._now(day), f"garbage {self._hour}.csv")

    def _restate(self, day: date) -> None:
        request_rebuild(self.warehouse.folder, day - timedelta(days=self._pick.randrange(1, 25)), "a test")

    def _correct_rows(self, day: date) -> None:
        """Somebody corrects what was loaded long ago, and says so in the moment of loading."""
        with self.warehouse.connect(read_only=False) as con:
            con.execute(
                "update raw.invoice_lines set amount_paid = amount_paid / 2, _loaded_at = ? where _source_row % 5 = 1",
                [self._now(day)],
            )

    def _set_clock(self, day: date) -> None:
        """The clock of the loads is set, ahead or back, and the builds so far were made while theirs was ahead."""
        self._clock_is_off = timedelta(days=self._pick.choice([-40, -1, 3, 20]))
        if self._hour > 1:
            with self.warehouse.connect(read_only=False) as con:
                for table, column in (("complete_builds", "completed_at"), ("dirty_days", "logged_at")):
                    con.execute(f"update build_log.{table} set {column} = {column} + interval 3 day")

    def _move_weights(self, day: date) -> None:
        self._edit("scorecard_metrics.csv", "weight", self._pick.choice(["3", "17", "40"]))

    def _move_thresholds(self, day: date) -> None:
        self._edit("journey/milestones.csv", "expected_day", self._pick.choice(["2", "5", "7"]))

    def _edit(self, name: str, column: str, value: str) -> None:
        path = self.warehouse.config / name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self._pick.choice([row for row in rows if row[column]])[column] = value
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _break_off(self, day: date) -> None:
        """A build that ends half-way, as one does that is killed: the night itself begins after it."""
        if self._hour > 1:
            self.warehouse.build(day, select=("+int_metrics",))

    _events = {
        "nothing": _nothing,
        "nothing again": _nothing,
        "garbage": _bring_garbage,
        "another clock": _set_clock,
        "restated days": _restate,
        "corrected rows": _correct_rows,
        "other weights": _move_weights,
        "other expected days": _move_thresholds,
        "a build that ends half-way": _break_off,
    }


def random_nights(seed: int, folder: Path, config: Path, select: Sequence[str]) -> Nights:
    """A company in a folder of its own, with a configuration that may be edited; `select` is what its nights build."""
    shutil.copytree(config, folder / "configuration")
    return Nights(seed, Warehouse(folder / "warehouse", folder / "configuration"), select)
