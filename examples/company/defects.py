"""What is wrong with the deliveries, on purpose and counted.

Belongs here: repeated, late and conflicting rows, outages, rows that nobody could use, broken lines.
Does not belong here: what a loader or a staging model makes of them.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from examples.company.config import CompanyConfig
from examples.company.landing_files import DEFECT, DELIVERED, SUMMARY, Landing
from examples.company.raw_tables import TABLES
from examples.company.seasons import season, weekday
from examples.company.streams import stream

if TYPE_CHECKING:
    from examples.company.usage import Batch, UsageWriter

REPEATED = -2  # marks in the defect column: an exact copy, a row delivered in a later file than its own
LATE = -3
REPEATED_SHARE = 0.001
LATE_SHARE = 0.004
UNKNOWN_ACCOUNT = "acc_99999x"
FAR_FUTURE = int(datetime(2099, 1, 1, 12, tzinfo=UTC).timestamp())


@dataclass
class DefectBook:
    config: CompanyConfig
    entries: list[dict] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    by_file: Counter = field(default_factory=Counter)
    usage_outage: tuple[int, ...] = ()
    support_outage: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.config.plant_defects:
            return
        rng = stream(self.config.seed, "defects", "outages")
        usage_day = self._ordinary_day(rng.uniform(0.55, 0.75), on_weekday=1)
        self.usage_outage = (usage_day, usage_day + 1)
        self.support_outage = (self._ordinary_day(rng.uniform(0.8, 0.9), on_weekday=3),)

    def _ordinary_day(self, position: float, on_weekday: int) -> int:
        """A day of full business: in the holidays nobody would notice that a source is down."""
        calendar = self.config.first_day + np.arange(self.config.days)
        fine = (weekday(calendar) == on_weekday) & (season(calendar) >= 1.0)
        fine[:14] = fine[-7:] = False
        days = np.flatnonzero(fine) if fine.any() else np.arange(14, self.config.days - 7)
        return int(days[np.argmin(np.abs(days - self.config.days * position))])

    def some(self, wished: int) -> int:
        """A small company gets one of each kind."""
        if not self.config.plant_defects:
            return 0
        return wished if self.config.accounts >= 200 else 1

    def plant(self, kind: str, table: str, detail: str) -> int:
        self.entries.append({"kind": kind, "table": table, "file": None, "key": None, "detail": detail})
        return len(self.entries) - 1

    # ---- tables that are written whole -------------------------------------------------------------

    def spoil(self, name: str, rows: pa.Table, edges: np.ndarray) -> pa.Table:
        """Add to one table what its source would do wrong."""
        if not self.config.plant_defects or rows.num_rows == 0:
            return rows
        rng = stream(self.config.seed, "defects", name)
        delivered = rows[DELIVERED].to_numpy()
        usable = np.flatnonzero((delivered >= self.config.start_second) & (delivered < self.config.end_second))
        if len(usable) == 0:
            return rows
        planted = _Planter(self, name, rows, usable, rng).rows()
        rows = self._delay(rows, edges, rng)
        parts = [rows, *planted]
        if rows.num_rows >= 50:
            repeated = np.sort(rng.choice(usable, max(1, int(len(usable) * REPEATED_SHARE)), replace=False))
            again = rows.take(pa.array(repeated))
            moved = again[DELIVERED].to_numpy() + rng.integers(0, 5 * 86_400, len(repeated))
            parts.append(_with(again, {DELIVERED: moved, DEFECT: np.full(len(repeated), REPEATED, np.int32)}))
        return pa.concat_tables(parts)

    def _delay(self, rows: pa.Table, edges: np.ndarray, rng: np.random.Generator) -> pa.Table:
        delivered = rows[DELIVERED].to_numpy().copy()
        mark = rows[DEFECT].to_numpy().copy()
        late = rng.random(len(delivered)) < LATE_SHARE
        late &= delivered >= self.config.start_second
        delay = rng.integers(86_400, 25 * 86_400, len(delivered))
        arrives = np.where(late, delivered + delay, delivered)
        other_file = np.searchsorted(edges, arrives, side="right") != np.searchsorted(edges, delivered, side="right")
        other_file &= arrives < self.config.end_second
        delivered[other_file] = arrives[other_file]
        mark[other_file] = LATE
        return _with(rows, {DELIVERED: delivered, DEFECT: mark})

    def note(self, table: str, path: str, part: pa.Table) -> None:
        """Remember in which file each planted row went."""
        marks = part[DEFECT].to_numpy()
        for mark, kind in ((REPEATED, "exact_duplicate"), (LATE, "late_row")):
            number = int((marks == mark).sum())
            if number:
                self.counts[kind, table] += number
                self.by_file[kind, path] += number
        for row in np.flatnonzero(marks >= 0):
            entry = self.entries[int(marks[row])]
            entry["file"] = path
            values = part.slice(int(row), 1).to_pylist()[0]
            entry["key"] = {column: _plain(values[column]) for column in TABLES[table].key}
            if "updated_at" in values:
                entry["key"]["updated_at"] = _plain(values["updated_at"])

    def break_lines(self, landing: Landing, last_files: dict[str, str]) -> None:
        """Lines that no parser can read as a row of their table."""
        broken = {
            "csm_pulses": (
                '"pls_broken_1","acc_00001","csm_001","csm",four,,2026-03-02 10:00:00',
                '"pls_broken_2","acc_00001"',
            ),
            "ticket_events": ('"tic_broken_1",2026-02-31 10:00:00,"open","normal"',),
            "engagements": ('{"engagement_id": "eng_broken_1", "account_id": "acc_00001", "kind": "check',),
        }
        for table, lines in broken.items():
            path = last_files.get(table, "")
            wanted = ".jsonl" if lines[0].startswith("{") else ".csv"
            if not path.endswith(wanted):
                continue
            for line in lines[: self.some(len(lines))]:
                number = landing.append_line(path, line)
                landing.count(table, 1, 0)
                entry = self.entries[self.plant("malformed_row", table, line)]
                entry["file"], entry["line"] = path, number

    # ---- usage events, which are never whole -------------------------------------------------------

    def usage_rows(self, writer: UsageWriter, first: int, last: int) -> list[Batch]:
        """The bad events among those of these days; each kind sits on a few days of the window."""
        from examples.company.usage import LOGIN, UNMAPPED, Batch

        if not self.config.plant_defects or not writer.directory.size:
            return []
        rng = stream(self.config.seed, "defects", "usage", first)
        plan = stream(self.config.seed, "defects", "usage", "plan")
        batches = []
        kinds = (
            ("null_key", 6),
            ("unknown_account", 12),
            ("future_timestamp", 6),
            ("unmapped_event_name", 40),
            ("conflicting_duplicate", 4),
        )
        for kind, wished in kinds:
            days = plan.integers(self.config.days // 3, self.config.days - 12, self.some(wished))
            here = days[(days >= first) & (days < last) & ~np.isin(days, self.usage_outage)]
            for day in here:
                user = self._somebody(writer, int(day), rng)
                if user < 0:
                    continue
                occurred = self.config.start_second + int(day) * 86_400 + int(rng.integers(8, 17)) * 3600
                event, account, name = writer.next_event, int(writer.directory.user_account[user]), LOGIN
                writer.next_event += 1
                shown, happened = user, occurred
                if kind == "null_key":
                    event = -1
                elif kind == "unknown_account":
                    account, shown = len(writer.account_names) - 1, -1
                elif kind == "future_timestamp":
                    happened = FAR_FUTURE
                elif kind == "unmapped_event_name":
                    name = UNMAPPED
                mark = self.plant(kind, "usage_events", f"delivered among the events of day {int(day)}")
                copies = 2 if kind == "conflicting_duplicate" else 1
                batches.append(
                    Batch(
                        event=np.full(copies, event, dtype=np.int64),
                        account=np.full(copies, account, dtype=np.int32),
                        user=np.full(copies, shown, dtype=np.int32),
                        name=np.array([name, 0][:copies], dtype=np.int8),
                        occurred=np.full(copies, happened, dtype=np.int64),
                        quantity=np.full(copies, np.nan),
                        delivered=np.full(copies, occurred, dtype=np.int64),
                        defect=np.full(copies, mark, dtype=np.int32),
                    )
                )
        return batches

    def _somebody(self, writer: UsageWriter, day: int, rng: np.random.Generator) -> int:
        directory = writer.directory
        present = (directory.created_day < day) & (directory.gone_day > day)
        present &= writer.activity[directory.user_account, day] > 0
        candidates = np.flatnonzero(present)
        return int(candidates[rng.integers(0, len(candidates))]) if len(candidates) else -1

    def note_usage(self, path: str, batch: Batch, month_start: int) -> None:
        from examples.company.usage import _event_ids

        repeated = int((batch.defect == REPEATED).sum())
        late = int(((batch.occurred < month_start) & (batch.defect == -1)).sum())
        for kind, number in (("exact_duplicate", repeated), ("late_row", late)):
            if number:
                self.counts[kind, "usage_events"] += number
                self.by_file[kind, path] += number
        for row in np.flatnonzero(batch.defect >= 0):
            entry = self.entries[int(batch.defect[row])]
            entry["file"] = path
            entry["key"] = {"event_id": _event_ids(batch.event[row : row + 1])[0].as_py()}

    # ---- the list ---------------------------------------------------------------------------------

    def totals(self) -> dict[str, int]:
        """Planted rows by kind, over all tables."""
        found: Counter = Counter()
        for (kind, _), number in self.counts.items():
            found[kind] += number
        for entry in self._delivered():
            found[entry["kind"]] += 1
        return dict(sorted(found.items()))

    def _delivered(self) -> list[dict]:
        return [entry for entry in self.entries if entry["file"] is not None]

    def save(self, landing: Landing) -> None:
        day = self.config.first_day
        outages = [
            {"source": source, "days": [str(day + lost) for lost in lost_days]}
            for source, lost_days in (("product", self.usage_outage), ("support", self.support_outage))
            if lost_days
        ]
        summary = {
            "complete": True,
            "seed": self.config.seed,
            "start": self.config.start.isoformat(),
            "end": self.config.end.isoformat(),
            "rows": landing.rows,
            "outages": outages,
            "counts": [
                {"kind": kind, "table": table, "rows": number} for (kind, table), number in sorted(self.counts.items())
            ],
            "counts_by_file": [
                {"kind": kind, "file": path, "rows": number} for (kind, path), number in sorted(self.by_file.items())
            ],
            "defects": self._delivered(),
        }
        text = json.dumps(summary, indent=1, ensure_ascii=False)
        (landing.folder / SUMMARY).write_text(text + "\n", encoding="utf-8")


class _Planter:
    """Bad rows of one table, each made from a good one so that only the defect is wrong with it."""

    def __init__(
        self, defects: DefectBook, table: str, rows: pa.Table, usable: np.ndarray, rng: np.random.Generator
    ) -> None:
        self.defects, self.table, self.source, self.usable, self.rng = defects, table, rows, usable, rng
        self.planted: list[pa.Table] = []
        self.number = 0

    def rows(self) -> list[pa.Table]:
        fill = getattr(self, f"_{self.table}", None)
        if fill is not None:
            fill()
        return self.planted

    def _pick(self, among: np.ndarray | None = None) -> pa.Table | None:
        among = self.usable if among is None else among
        if not len(among):
            return None
        return self.source.slice(int(among[self.rng.integers(0, len(among))]), 1)

    def _add(self, kind: str, template: pa.Table | None, detail: str, **changes: object) -> None:
        if template is None:
            return
        mark = self.defects.plant(kind, self.table, detail)
        changed = {column: [value] for column, value in changes.items()}
        self.planted.append(_with(template, {**changed, DEFECT: np.array([mark], dtype=np.int32)}))

    def _id(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}_planted_{self.number}"

    def _times(self, wished: int) -> range:
        return range(self.defects.some(wished))

    def _where(self, condition: pa.ChunkedArray) -> np.ndarray:
        keep = condition.fill_null(False).to_numpy()
        return self.usable[keep[self.usable]]

    def _later(self, template: pa.Table) -> tuple[object, int]:
        """A moment after everything the window holds but its last day: a version nobody follows."""
        moment = self.defects.config.end_second - 86_400 + int(self.rng.integers(0, 80_000))
        return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None), moment

    def _accounts(self) -> None:
        for kind in ("orphan_parent", "self_parent"):
            for _ in self._times(1):
                template = self._pick()
                if template is None:
                    return
                updated_at, moment = self._later(template)
                own = template["account_id"][0].as_py()
                parent = UNKNOWN_ACCOUNT if kind == "orphan_parent" else own
                latest = np.flatnonzero(pc.equal(self.source["account_id"], own).to_numpy())[-1]
                template = self.source.slice(int(latest), 1)
                self._add(
                    kind,
                    template,
                    f"parent_account_id is {parent}",
                    parent_account_id=parent,
                    updated_at=updated_at,
                    **{DELIVERED: moment},
                )

    def _users(self) -> None:
        for _ in self._times(1):
            self._add("null_key", self._pick(), "user_id is empty", user_id=None)
        for _ in self._times(2):
            self._add(
                "unknown_account",
                self._pick(),
                "no such account",
                user_id=self._id("usr"),
                account_id=UNKNOWN_ACCOUNT,
            )

    def _account_outcomes(self) -> None:
        for _ in self._times(1):
            self._add("unknown_account", self._pick(), "no such account", account_id=UNKNOWN_ACCOUNT)

    def _milestone_plans(self) -> None:
        for _ in self._times(1):
            self._add("unknown_account", self._pick(), "no such account", account_id=UNKNOWN_ACCOUNT)

    def _support_tickets(self) -> None:
        opened = self._where(pc.is_null(self.source["first_response_at"]))
        for _ in self._times(1):
            self._add("null_key", self._pick(opened), "ticket_id is empty", ticket_id=None)
        for _ in self._times(3):
            self._add(
                "unknown_account",
                self._pick(opened),
                "no such account",
                ticket_id=self._id("tic"),
                account_id=UNKNOWN_ACCOUNT,
                user_id=None,
            )
        for _ in self._times(1):
            later = datetime.fromtimestamp(FAR_FUTURE, UTC).replace(tzinfo=None)
            self._add(
                "future_timestamp",
                self._pick(opened),
                "opened_at lies decades ahead",
                ticket_id=self._id("tic"),
                opened_at=later,
                updated_at=later,
            )
        for _ in self._times(1):
            template = self._pick(opened)
            if template is not None:
                other = "urgent" if template["priority"][0].as_py() != "urgent" else "low"
                self._add("conflicting_duplicate", template, f"same version, priority {other}", priority=other)

    def _subscriptions(self) -> None:
        for _ in self._times(2):
            template = self._pick(self._where(pc.is_null(self.source["valid_to"])))
            if template is not None:
                begins = template["valid_from"][0].as_py()
                self._add(
                    "end_before_start",
                    template,
                    "valid_to lies 30 days before valid_from",
                    subscription_item_id=self._id("si"),
                    valid_to=date.fromordinal(begins.toordinal() - 30),
                    end_reason="cancelled",
                )
        add_on = pc.and_(pc.is_null(self.source["valid_to"]), pc.not_equal(self.source["product"], pa.scalar("core")))
        yearly = pc.greater(pc.days_between(self.source["term_starts_on"], self.source["term_ends_on"]), pa.scalar(100))
        for _ in self._times(2):
            template = self._pick(self._where(pc.and_(add_on, yearly)))
            if template is not None:
                begins = template["valid_from"][0].as_py()
                twin = date.fromordinal(begins.toordinal() + 15)
                taken = pc.and_(
                    pc.equal(self.source["subscription_item_id"], template["subscription_item_id"][0]),
                    pc.equal(self.source["valid_from"], pa.scalar(twin, pa.date32())),
                )
                if pc.any(taken).as_py():
                    continue
                updated_at = template["updated_at"][0].as_py()
                self._add(
                    "overlapping_item_rows",
                    template,
                    f"a second row of the item begins 15 days into the one of {begins}",
                    valid_from=twin,
                    updated_at=datetime.fromordinal(twin.toordinal()).replace(hour=updated_at.hour),
                    **{DELIVERED: template[DELIVERED][0].as_py() + 15 * 86_400},
                )

    def _invoice_lines(self) -> None:
        def fresh(kind: str, detail: str, **changes: object) -> None:
            template = self._pick(self._where(pc.greater(self.source["amount_paid"], pa.scalar(Decimal(1)))))
            if template is not None:
                amount = template["amount"][0].as_py()
                values = {name: value(amount) if callable(value) else value for name, value in changes.items()}
                self._add(kind, template, detail, invoice_id=self._id("inv"), **values)

        for _ in self._times(3):
            fresh(
                "negative_invoice",
                "a recurring line below zero",
                line_type="recurring",
                amount=lambda amount: -amount,
                amount_paid=lambda amount: -amount,
            )
        for _ in self._times(3):
            fresh(
                "refund_above_invoice",
                "more was refunded than billed",
                refunded_amount=lambda amount: amount + amount,
                refunded_on=self.defects.config.end,
                line_type="recurring",
            )
        for _ in self._times(2):
            fresh("currency_without_rate", "no exchange rate knows XTS", currency="XTS")
        for _ in self._times(2):
            fresh("unknown_account", "no such account", account_id=UNKNOWN_ACCOUNT)

    def _survey_responses(self) -> None:
        answered = self._where(
            pc.and_(pc.is_valid(self.source["score"]), pc.equal(self.source["survey"], pa.scalar("nps")))
        )
        for _ in self._times(4):
            self._add(
                "score_out_of_range",
                self._pick(answered),
                "an nps answer of 14",
                response_id=self._id("rsp"),
                score=14.0,
            )
        for _ in self._times(1):
            later = datetime.fromtimestamp(FAR_FUTURE, UTC).replace(tzinfo=None)
            self._add(
                "future_timestamp",
                self._pick(answered),
                "responded_at lies decades ahead",
                response_id=self._id("rsp"),
                responded_at=later,
            )
        for _ in self._times(1):
            self._add(
                "unknown_account",
                self._pick(answered),
                "no such account",
                response_id=self._id("rsp"),
                account_id=UNKNOWN_ACCOUNT,
                user_id=None,
            )

    def _csm_pulses(self) -> None:
        for _ in self._times(1):
            self._add(
                "unknown_account",
                self._pick(),
                "no such account",
                pulse_id=self._id("pls"),
                account_id=UNKNOWN_ACCOUNT,
            )

    def _engagements(self) -> None:
        for _ in self._times(1):
            later = datetime.fromtimestamp(FAR_FUTURE, UTC).replace(tzinfo=None)
            self._add(
                "future_timestamp",
                self._pick(self._where(pc.is_null(self.source["closed_on"]))),
                "occurred_at lies decades ahead",
                engagement_id=self._id("eng"),
                occurred_at=later,
            )


def _with(rows: pa.Table, changes: dict[str, object]) -> pa.Table:
    for column, values in changes.items():
        kind = rows.schema.field(column).type
        position = rows.schema.get_field_index(column)
        rows = rows.set_column(position, column, pa.array(values, type=kind))
    return rows


def _plain(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value
