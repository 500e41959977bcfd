"""Usage events, streamed month by month: who was active, what they did, when it was delivered.

Belongs here: activity from the causes, features, times of day, late and repeated deliveries, the outage.
Does not belong here: any other system.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from examples.company.book import HOURS_FROM_UTC, AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.crm import Directory
from examples.company.defects import REPEATED, DefectBook
from examples.company.landing_files import Landing
from examples.company.raw_tables import TABLES
from examples.company.relationships import Relationships
from examples.company.seasons import season, weekday
from examples.company.streams import NEVER, sigmoid, stream

NATURAL_EXTRA = 1.65  # actions after the login of an average active day
LATE_SHARE = 0.004
REPEATED_SHARE = 0.0003


@dataclass(frozen=True)
class Feature:
    """What people do: how common it is, how mature a customer must be, and which product it belongs to."""

    name: str
    popularity: float
    maturity: float
    product: str = "core"
    by_server: bool = False
    mean_quantity: float = 0.0


FEATURES = (
    Feature("dashboard_viewed", 42.0, 0.0),
    Feature("comment_added", 15.0, 0.2),
    Feature("report_created", 9.0, 0.3),
    Feature("report_shared", 6.0, 0.45),
    Feature("data_exported", 3.0, 0.3, mean_quantity=400.0),
    Feature("alert_configured", 1.8, 0.55),
    Feature("integration_connected", 0.5, 0.5),
    Feature("api_call", 9.0, 0.62, by_server=True, mean_quantity=60.0),
    Feature("admin_settings_changed", 1.0, 0.1),
    Feature("workflow_published", 1.2, 0.45, "automation"),
    Feature("automation_run", 11.0, 0.5, "automation", by_server=True, mean_quantity=8.0),
)
REPORTING = ("report_created", "report_shared", "data_exported")  # what the analytics add-on makes more of
LOGIN = len(FEATURES)
UNMAPPED = len(FEATURES) + 1
EVENT_NAMES = (*(feature.name for feature in FEATURES), "login", "beta_canvas_opened")


@dataclass
class Batch:
    """Events of some days, as numbers; -1 stands for no id."""

    event: np.ndarray
    account: np.ndarray
    user: np.ndarray
    name: np.ndarray
    occurred: np.ndarray
    quantity: np.ndarray
    delivered: np.ndarray
    defect: np.ndarray

    def take(self, where: np.ndarray) -> Batch:
        return Batch(**{name: values[where] for name, values in vars(self).items()})

    @staticmethod
    def join(batches: list[Batch]) -> Batch:
        return Batch(**{name: np.concatenate([getattr(batch, name) for batch in batches]) for name in vars(batches[0])})

    @property
    def size(self) -> int:
        return len(self.event)


class UsageWriter:
    """Holds what all months share: activity per account and day, users, features."""

    def __init__(
        self,
        config: CompanyConfig,
        book: AccountBook,
        causes: Causes,
        relationships: Relationships,
        directory: Directory,
        defects: DefectBook,
    ) -> None:
        self.config, self.book, self.directory, self.defects = config, book, directory, defects
        rng = stream(config.seed, "usage", "traits")
        users = directory.size
        self.habit = (rng.lognormal(-0.125, 0.5, users) * np.where(directory.is_first, 1.35, 1.0)).astype(np.float32)
        self.intensity = rng.lognormal(-0.18, 0.6, users).astype(np.float32)
        self.mobile_only = rng.random(users) < 0.12
        self.activity = activity_by_day(config, book, causes, relationships, rng)
        self.adopted_day = adoption_days(config, book, causes, rng)
        self.depth = np.repeat(causes.value, 7, axis=1)[:, : config.days : 7]
        self.leaving = (relationships.decided_day, relationships.end_day)
        self.thinning, self.extra = 1.0, NATURAL_EXTRA * config.events_per_day_scale
        self.expected_by_day = np.zeros(config.days)
        self._calibrate()
        self.next_event = 1
        self.outage = defects.usage_outage
        self.account_names = np.append(directory.source_ids["product"], ["acc_99999x"]).astype(object)

    def _rates(self, first: int, last: int) -> np.ndarray:
        """Probability that a user is active: users x days."""
        directory = self.directory
        day = np.arange(first, last)[None, :]
        rates = self.activity[directory.user_account, first:last] * self.habit[:, None]
        rates *= (directory.created_day[:, None] < day) & (directory.gone_day[:, None] > day)
        return np.minimum(rates, 0.95) * np.float32(self.thinning)

    def _vigour(self, account: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Who realises value does more on an active day."""
        return np.exp(0.2 * self.depth[account, np.minimum(day // 7, self.depth.shape[1] - 1)])

    def _calibrate(self) -> None:
        """Fit the number of events to the wish by looking at every eleventh day."""
        days = np.arange(self.config.days)
        sampled = days[3::11]
        user_days, actions = [], []
        for day in sampled:
            rates = self._rates(int(day), int(day) + 1)[:, 0]
            user_days.append(float(rates.sum()))
            vigour = self._vigour(self.directory.user_account, np.array([day]))
            actions.append(float((rates * self.intensity * vigour).sum()))
        active, acted = float(np.sum(user_days)), float(np.sum(actions))
        weight = (self.config.days - len(self.defects.usage_outage)) / len(sampled)
        if self.config.events is not None and active > 0:
            wanted = self.config.events / weight
            if wanted < 1.5 * active:
                self.thinning = wanted / (1.5 * active)
                active, acted = active * self.thinning, acted * self.thinning
            self.extra = max((wanted - active) / max(acted, 1e-9), 0.0)
        expected = (np.array(user_days) * self.thinning) + self.extra * self.thinning * np.array(actions)
        # weekdays carry all the weight, so plan the slices by the busiest of the days around
        busiest = np.array([expected[max(0, i - 3) : i + 4].max() for i in range(len(expected))])
        self.expected_by_day = np.interp(days, sampled, busiest)

    def months(self) -> Iterator[tuple[date, int, int]]:
        """Last day of each month of the window, with its first day and the day after its last."""
        first_day, days = self.config.first_day, self.config.days
        month_of = (first_day + np.arange(days)).astype("datetime64[M]")
        starts = np.flatnonzero(np.append(True, month_of[1:] != month_of[:-1]))
        for start, end in zip(starts, np.append(starts[1:], days), strict=True):
            yield (first_day + (end - 1)).astype(date), int(start), int(end)

    def slices(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Cut a month where the events of a slice would no longer fit in memory comfortably."""
        begin, rows, user_days = first, 0.0, 0
        for day in range(first, last):
            rows += float(self.expected_by_day[day])
            user_days += self.directory.size
            full = rows >= self.config.slice_rows or user_days >= 4 * self.config.slice_rows
            if full or day == last - 1:
                yield begin, day + 1
                begin, rows, user_days = day + 1, 0.0, 0

    def draw(self, first: int, last: int) -> Batch:
        """All events that happen on these days."""
        config, directory = self.config, self.directory
        rng = stream(config.seed, "usage", first)
        rates = self._rates(first, last)
        for lost in self.outage:
            if first <= lost < last:
                rates[:, lost - first] = 0.0
        day, user = np.nonzero((rng.random(rates.shape, dtype=np.float32) < rates).T)
        day = (day + first).astype(np.int64)
        account = directory.user_account[user]
        actions = rng.poisson(self.extra * self.intensity[user] * self._vigour(account, day))
        hours = np.asarray(HOURS_FROM_UTC)[self.book.region[account]]
        login = (rng.normal(10.5, 2.6, len(user)).clip(6.0, 20.0) * 3600).astype(np.int64)
        login += config.start_second + day * 86_400 - hours * 3600

        source = np.repeat(np.arange(len(user)), actions)
        account_of = account[source]
        name = self._choose(rng, account_of, day[source], first, last)
        by_server = np.array([feature.by_server for feature in FEATURES])[name]
        acting = np.where(by_server, -1, user[source])
        occurred = login[source] + 20 + (rng.random(len(source)) ** 2 * 5 * 3600).astype(np.int64)
        mean = np.array([feature.mean_quantity for feature in FEATURES])[name]
        quantity = np.full(len(source), np.nan)
        counted = np.flatnonzero(mean > 0)
        quantity[counted] = np.ceil(rng.exponential(mean[counted]) + 0.01)

        size = len(user) + len(source)
        batch = Batch(
            event=np.zeros(size, dtype=np.int64),
            account=np.concatenate([account, account_of]).astype(np.int32),
            user=np.concatenate([user, acting]).astype(np.int32),
            name=np.concatenate([np.full(len(user), LOGIN), name]).astype(np.int8),
            occurred=np.concatenate([login, occurred]),
            quantity=np.concatenate([np.full(len(user), np.nan), quantity]),
            delivered=np.empty(size, dtype=np.int64),
            defect=np.full(size, -1, dtype=np.int32),
        )
        order = np.argsort(batch.occurred, kind="stable")
        batch = batch.take(order)
        batch.event = np.arange(self.next_event, self.next_event + size)
        self.next_event += size
        # some devices come back on line days later
        late = rng.random(size) < LATE_SHARE
        delay = np.where(late, rng.integers(86_400, 9 * 86_400, size), 0)
        batch.delivered = batch.occurred + delay
        # an app without a signed-in workspace knows the person only
        known = np.flatnonzero(batch.user >= 0)
        batch.account[known[self.mobile_only[batch.user[known]]]] = -1
        repeated = np.flatnonzero(rng.random(size) < REPEATED_SHARE)
        if len(repeated) and self.config.plant_defects:
            again = batch.take(repeated)
            again.defect[:] = REPEATED
            again.delivered = again.delivered + rng.integers(0, 2 * 86_400, len(repeated))
            batch = Batch.join([batch, again])
        return batch

    def _choose(
        self, rng: np.random.Generator, account: np.ndarray, day: np.ndarray, first: int, last: int
    ) -> np.ndarray:
        """Which feature each action uses: by popularity among those the account has come to use."""
        middle = (first + last) // 2
        popularity = np.array([feature.popularity for feature in FEATURES])
        maturity = np.array([feature.maturity for feature in FEATURES])
        value = self.depth[:, min(middle // 7, self.depth.shape[1] - 1)]
        weight = popularity[None, :] * np.exp(0.9 * maturity[None, :] * np.clip(value, -2.5, 2)[:, None])
        weight *= self.adopted_day < last
        weight[:, 0] = popularity[0]
        names = [feature.name for feature in FEATURES]
        with_analytics = self.book.analytics_day <= middle
        for report in REPORTING:
            weight[with_analytics, names.index(report)] *= 1.8
        decided, end = self.leaving
        packing = (decided <= middle) & (end - 40 <= middle)
        weight[packing, names.index("data_exported")] *= 3.0
        edges = np.cumsum(weight, axis=1)
        edges = (edges / edges[:, -1:]).astype(np.float32)
        draw = rng.random(len(account), dtype=np.float32)
        name = np.zeros(len(account), dtype=np.int8)
        for position in range(len(FEATURES) - 1):
            name += draw > edges[account, position]
        return np.where(self.adopted_day[account, name] <= day, name, 0).astype(np.int8)

    def write(self, landing: Landing) -> int:
        """Every month becomes one file of what was delivered in it; returns the number of rows."""
        waiting: list[Batch] = []
        written = 0
        end_second = self.config.end_second
        for last_day, first, last in self.months():
            path = landing.file_name("usage_events", last_day)
            sink: _EventFile | None = None
            for begin, until in self.slices(first, last):
                now = self.config.start_second + until * 86_400
                batches = [*waiting, self.draw(begin, until), *self.defects.usage_rows(self, begin, until)]
                batch = Batch.join(batches)
                # people west of Greenwich work past midnight UTC: the day's file still takes those
                due = batch.delivered < now + 4 * 3600
                waiting = [batch.take(np.flatnonzero(~due))]
                batch = batch.take(np.flatnonzero(due & (batch.delivered < end_second)))
                if not batch.size:
                    continue
                batch = batch.take(np.argsort(batch.delivered, kind="stable"))
                if sink is None:
                    sink = _EventFile(landing, path)
                month_start = self.config.start_second + first * 86_400
                self.defects.note_usage(path, batch, month_start)
                sink.write(self.rows(batch))
                landing.count("usage_events", batch.size, 0)
                written += batch.size
            if sink is not None:
                sink.close()
                landing.count("usage_events", 0, 1)
        return written

    def rows(self, batch: Batch) -> pa.Table:
        contract = TABLES["usage_events"].columns
        seconds = pa.array(batch.occurred).cast(contract["occurred_at"])
        return pa.table(
            {
                "event_id": _event_ids(batch.event),
                "account_id": _names(self.account_names, batch.account),
                "user_id": _names(self.directory.user_ids, batch.user),
                "event_name": _names(np.array(EVENT_NAMES, dtype=object), batch.name.astype(np.int32)),
                "occurred_at": seconds,
                "quantity": pa.array(batch.quantity, mask=np.isnan(batch.quantity)),
            }
        )


class _EventFile:
    """One month, written slice by slice."""

    def __init__(self, landing: Landing, path: str) -> None:
        self.target = landing.folder / path
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.writer: pa.parquet.ParquetWriter | pa.csv.CSVWriter | None = None
        self.is_parquet = self.target.suffix == ".parquet"

    def write(self, rows: pa.Table) -> None:
        if not self.is_parquet:
            rows = rows.cast(TABLES["usage_events"].schema)
        if self.writer is None and self.is_parquet:
            self.writer = pa.parquet.ParquetWriter(
                self.target,
                rows.schema,
                compression="snappy",
                use_dictionary=["account_id", "user_id", "event_name"],
            )
        elif self.writer is None:
            self.writer = pa.csv.CSVWriter(self.target, rows.schema)
        if self.is_parquet:
            self.writer.write_table(rows, row_group_size=500_000)
        else:
            self.writer.write_table(rows)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def activity_by_day(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    relationships: Relationships,
    rng: np.random.Generator,
) -> np.ndarray:
    """How likely an average user of each account is active on each day: accounts x days."""
    n, days = book.size, config.days
    day = np.arange(days)
    style = rng.normal(0, 0.6, n)[:, None]
    weekly = sigmoid(-1.1 + 0.75 * causes.value + 0.2 * causes.champion + style + causes.habit)
    position = np.clip((day - 3) / 7.0, 0, config.weeks - 1)
    left = position.astype(int)
    right = np.minimum(left + 1, config.weeks - 1)
    part = (position - left).astype(np.float32)
    activity = (weekly[:, left] * (1 - part) + weekly[:, right] * part).astype(np.float32)

    calendar = config.first_day + day
    weekend = (weekday(calendar) >= 5)[None, :]
    activity *= np.where(weekend, np.where(book.segment == 1, 0.05, 0.12)[:, None], 1.0)
    activity *= np.where(weekday(calendar) == 4, 0.88, 1.0)[None, :]
    activity *= season(calendar)[None, :]
    activity *= relationships.is_customer(book, day)

    # letting go takes weeks; a blow from outside leaves only days
    decided, end = relationships.decided_day[:, None], relationships.end_day[:, None]
    way = np.clip((day[None, :] - decided) / np.maximum(end - decided, 1), 0, 1)
    leaving = (decided < NEVER) & (day[None, :] >= decided) & (day[None, :] < end)
    floor = relationships.wind_down[:, None]
    activity *= np.where(leaving, 1 - (1 - floor) * way, 1.0)
    paused = (day[None, :] >= relationships.pause_from[:, None]) & (day[None, :] < relationships.pause_to[:, None])
    activity *= np.where(paused, 0.08, 1.0)
    return activity.astype(np.float32)


def adoption_days(config: CompanyConfig, book: AccountBook, causes: Causes, rng: np.random.Generator) -> np.ndarray:
    """The day from which an account uses a feature: accounts x features, NEVER when it does not."""
    n = book.size
    ripeness = 0.75 * causes.onboarding + 0.16 * causes.value + 0.05 * causes.champion
    ripeness = np.maximum.accumulate(ripeness, axis=1)
    bought = {"core": book.start_day, "automation": book.automation_day}
    out = np.full((n, len(FEATURES)), NEVER, dtype=np.int64)
    for position, feature in enumerate(FEATURES):
        threshold = feature.maturity + rng.normal(0, 0.12, n) * (feature.maturity > 0.2)
        ripe = ripeness >= threshold[:, None]
        day = np.where(ripe.any(axis=1), ripe.argmax(axis=1) * 7 + rng.integers(0, 7, n), NEVER)
        day = np.where(ripe[:, 0] & (book.start_day < 0), 0, day)
        needs = bought[feature.product]
        ready = np.maximum(day, needs + np.where(needs > book.start_day, rng.integers(0, 30, n), 0))
        out[:, position] = np.where((day < NEVER) & (needs < NEVER), ready, NEVER)
    return out


def _names(names: np.ndarray, index: np.ndarray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), pa.array(names, type=pa.string()))


_DIGITS = np.frombuffer("".join(f"{number:04d}" for number in range(10_000)).encode(), dtype=np.uint8).reshape(-1, 4)


def _event_ids(numbers: np.ndarray) -> pa.Array:
    """`ev` and twelve digits, built as bytes: a hundred million strings would take minutes otherwise."""
    size = len(numbers)
    text = np.empty((size, 14), dtype=np.uint8)
    text[:, 0], text[:, 1] = ord("e"), ord("v")
    rest = np.maximum(numbers, 0)
    for start in (10, 6, 2):
        rest, group = np.divmod(rest, 10_000)
        text[:, start : start + 4] = _DIGITS[group]
    offsets = np.arange(0, 14 * (size + 1), 14, dtype=np.int32)
    ids = pa.Array.from_buffers(pa.string(), size, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    if (numbers < 0).any():
        ids = pa.compute.if_else(pa.array(numbers >= 0), ids, pa.scalar(None, pa.string()))
    return ids
