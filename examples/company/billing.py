"""What the billing system knows: subscription items with their versions, invoices and what became of them.

Belongs here: trials, terms, prices, seats, add-ons, pauses, notices, endings, returns, invoices, refunds.
Does not belong here: why somebody leaves or pays late (causes.py, relationships.py).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from examples.company.book import CURRENCIES, AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.landing_files import dates, seconds, to_table
from examples.company.relationships import NON_PAYMENT_DAYS, Relationships
from examples.company.streams import NEVER, NULL, add_months, columns_of, labels, sigmoid, stream

ADD_ON_PRICE = {"analytics": 0.22, "automation": 0.18}  # of the price of a core seat
PRICE_RISE = 0.05
CORE = "core"


@dataclass
class Item:
    """One row of a subscription item while it is open."""

    item: str
    subscription: str
    product: str
    plan: str
    seats: float
    mrr: float
    discount: float
    status: str
    term_start: int
    term_end: int
    valid_from: int
    change: str
    cancel_at: int = NULL


@dataclass
class Ledger:
    """Rows of `subscriptions` and the MRR they add up to, account by account."""

    rows: list[tuple] = field(default_factory=list)
    mrr: dict[int, tuple[list[int], list[float]]] = field(default_factory=dict)  # days and MRR from each

    def mrr_on(self, account: int, day: int) -> float:
        days, amounts = self.mrr[account]
        position = bisect_right(days, day) - 1
        return amounts[position] if position >= 0 else 0.0


class _Account:
    """Writes the history of one account's items in order."""

    def __init__(self, writer: Billing, account: int) -> None:
        self.writer, self.account = writer, account
        self.open_items: dict[str, Item] = {}
        self.days: list[int] = []
        self.amounts: list[float] = []
        self.subscription = f"sub_{account + 1:05d}"
        self.seats = int(writer.book.seats[account])
        self.price = float(writer.book.unit_price[account])
        self.discount = float(writer.book.discount_pct[account])
        self.plan = "team" if writer.book.segment[account] == 0 else "business"

    def mrr_of(self, product: str, status: str) -> float:
        if status != "paid":
            return 0.0
        share = 1.0 if product == CORE else ADD_ON_PRICE[product]
        return round(self.seats * self.price * share * (1 - self.discount / 100), 2)

    def open(self, product: str, day: int, change: str, status: str, term: tuple[int, int]) -> None:
        suffix = {"core": 1, "analytics": 2, "automation": 3}[product]
        item = Item(
            item=f"{self.subscription.replace('sub', 'si')}_{suffix}",
            subscription=self.subscription,
            product=product,
            plan=self.plan,
            seats=float(self.seats) if product == CORE else np.nan,
            mrr=self.mrr_of(product, status),
            discount=self.discount,
            status=status,
            term_start=term[0],
            term_end=term[1],
            valid_from=day,
            change=change,
        )
        self.open_items[product] = item
        self._emit(item, NULL, None, self._moment(day, 5 * 60))
        self._note(day)

    def close(self, product: str, day: int, reason: str) -> Item:
        item = self.open_items.pop(product)
        self._emit(item, day, reason, self._moment(day, 4 * 60))
        self._note(day)
        return item

    def give_notice(self, day: int) -> None:
        for item in self.open_items.values():
            item.cancel_at = self._moment(day, 14 * 3600)
            self._emit(item, NULL, None, item.cancel_at)

    def change(self, day: int, change: str, term: tuple[int, int] | None = None, status: str | None = None) -> None:
        """Close every open item and open it again with what is true from this day."""
        for product in list(self.open_items):
            item = self.close(product, day, "replaced")
            self.open(product, day, change, status or item.status, term or (item.term_start, item.term_end))

    def _moment(self, day: int, second: int) -> int:
        return self.writer.config.start_second + day * 86_400 + second + self.account % 1800

    def _note(self, day: int) -> None:
        total = sum(item.mrr for item in self.open_items.values())
        if self.days and self.days[-1] == day:
            self.amounts[-1] = total
        else:
            self.days.append(day)
            self.amounts.append(total)

    def _emit(self, item: Item, valid_to: int, reason: str | None, updated: int) -> None:
        if updated >= self.writer.config.end_second:
            return
        self.writer.ledger.rows.append(
            (
                item.item,
                item.subscription,
                self.writer.names[self.account],
                item.product,
                item.plan,
                item.seats,
                item.mrr,
                self.writer.currency[self.account],
                item.discount,
                item.status,
                item.term_start,
                item.term_end,
                item.cancel_at == NULL and item.status == "paid",
                item.cancel_at,
                item.valid_from,
                NEVER if valid_to == NULL else valid_to,
                item.change,
                reason,
                updated,
            )
        )


class Billing:
    """Subscriptions first, invoices from what they add up to."""

    def __init__(
        self,
        config: CompanyConfig,
        book: AccountBook,
        causes: Causes,
        relationships: Relationships,
        names: np.ndarray,
    ) -> None:
        self.config, self.book, self.causes, self.relationships = config, book, causes, relationships
        self.names = names
        self.currency = np.array(CURRENCIES, dtype=object)[book.region]
        self.ledger = Ledger()
        self.seat_changes: dict[int, list[tuple[int, int]]] = {}
        for account, day, seats in relationships.seat_changes:
            self.seat_changes.setdefault(account, []).append((day, seats))
        self.months = self._months()
        self.july = [
            int((np.datetime64(f"{year}-07-01", "D") - config.first_day).astype(np.int64))
            for year in range(config.start.year - 4, config.end.year + 1)
        ]

    def _months(self) -> np.ndarray:
        """Day of the k-th month after each account's first paid day: accounts x months."""
        most = int((self.config.days - self.book.paid_day.min()) / 30.4) + 28
        paid = self.config.first_day + self.book.paid_day
        columns = [(add_months(paid, month) - self.config.first_day).astype(np.int64) for month in range(most)]
        return np.stack(columns, axis=1)

    def subscriptions(self) -> pa.Table:
        rng = stream(self.config.seed, "billing", "subscriptions")
        draws = rng.random((self.book.size, 4))
        for account in range(self.book.size):
            self._account(account, draws[account], rng)
        columns = list(zip(*self.ledger.rows, strict=True))
        updated = np.array(columns[18], dtype=np.int64)
        return to_table(
            "subscriptions",
            {
                "subscription_item_id": list(columns[0]),
                "subscription_id": list(columns[1]),
                "account_id": list(columns[2]),
                "product": list(columns[3]),
                "plan": list(columns[4]),
                "quantity": np.array(columns[5]),
                "mrr": np.array(columns[6]),
                "currency": list(columns[7]),
                "discount_pct": np.array(columns[8]),
                "billing_status": list(columns[9]),
                "term_starts_on": dates(self.config, np.array(columns[10])),
                "term_ends_on": dates(self.config, np.array(columns[11])),
                "auto_renews": list(columns[12]),
                "cancel_requested_at": np.array(columns[13], dtype=np.int64),
                "valid_from": dates(self.config, np.array(columns[14])),
                "valid_to": dates(self.config, np.array(columns[15])),
                "change_type": list(columns[16]),
                "end_reason": list(columns[17]),
                "updated_at": updated,
            },
            updated,
        )

    def _account(self, account: int, draws: np.ndarray, rng: np.random.Generator) -> None:
        book, relationships = self.book, self.relationships
        paid, start = int(book.paid_day[account]), int(book.start_day[account])
        end, term = int(relationships.end_day[account]), int(book.term_months[account])
        months = self.months[account]
        history = _Account(self, account)
        first_term = (paid, int(months[term]))
        if start < paid:
            history.open(CORE, start, "new", "trial", (start, paid))
            if not book.trial_converts[account]:
                if end < self.config.days:
                    history.close(CORE, end, str(relationships.end_reason[account]))
                self._keep(account, history)
                return
            history.close(CORE, paid, "replaced")
        history.open(CORE, paid, "new", "free" if book.is_free[account] else "paid", first_term)

        # what happens on which day; the letter keeps the order within a day
        events: list[tuple[int, str, int]] = []
        for position in range(term, len(months), term):
            if months[position] >= self.config.days:
                break
            events.append((int(months[position]), "a_renewal", position))
        for product, day in (("analytics", book.analytics_day), ("automation", book.automation_day)):
            bought = int(day[account])
            if bought < NEVER and not book.is_free[account]:
                events.append((max(bought, paid), f"d_{product}", 0))
        for day, seats in self.seat_changes.get(account, ()):
            events.append((day, "c_seats", seats))
        if term == 1 and not book.is_free[account]:
            events.extend((day, "b_price", 0) for day in self.july if day > paid)
        if relationships.pause_from[account] < NEVER:
            events.append((int(relationships.pause_from[account]), "e_pause", 0))
            events.append((int(relationships.pause_to[account]), "e_resume", 0))
        if relationships.cancel_day[account] < NEVER:
            events.append((int(relationships.cancel_day[account]), "f_notice", 0))
        self._unfold(account, history, sorted(events), end, term, draws, rng)
        if end < self.config.days:
            reason = str(relationships.end_reason[account])
            for product in list(history.open_items):
                history.close(product, end, reason)
            self._return(account, history, term, rng)
        self._keep(account, history)

    def _unfold(
        self,
        account: int,
        history: _Account,
        events: list[tuple[int, str, int]],
        end: int,
        term: int,
        draws: np.ndarray,
        rng: np.random.Generator,
    ) -> None:
        months, notice, paused = self.months[account], False, False
        risen = 0  # price rises that a yearly contract has not taken over yet
        last_price = int(self.book.paid_day[account])
        for day, kind, value in events:
            if day >= min(end, self.config.days):
                break
            if kind == "a_renewal":
                if paused:
                    continue
                risen = sum(1 for july in self.july if last_price < july <= day) if term > 1 else 0
                last_price = day
                history.price *= (1 + PRICE_RISE) ** risen
                if rng.random() < 0.08 and history.discount < 30:
                    history.discount += 5.0
                history.change(day, "renewal", (day, int(months[value + term])))
            elif paused and kind != "e_resume":
                continue
            elif kind == "b_price":
                history.price *= 1 + PRICE_RISE
                if history.open_items[CORE].valid_from < day:
                    history.change(day, "price_change")
            elif kind == "c_seats":
                if notice or value == history.seats or history.open_items[CORE].valid_from >= day:
                    continue
                change = "upsell" if value > history.seats else "downgrade"
                history.seats = value
                history.change(day, change)
            elif kind in ("d_analytics", "d_automation"):
                product = kind[2:]
                core = history.open_items[CORE]
                change = "new" if day == int(self.book.paid_day[account]) else "upsell"
                history.open(product, day, change, "paid", (core.term_start, core.term_end))
            elif kind in ("e_pause", "e_resume"):
                paused = kind == "e_pause"
                core = history.open_items[CORE]
                if core.valid_from >= day:  # the renewal of the same day is already the row to change
                    self._restate(history, "paused" if paused else "paid")
                else:
                    later = months[np.searchsorted(months, day, side="right")]
                    history.change(day, "plan_change", (day, int(later)), "paused" if paused else "paid")
            elif kind == "f_notice":
                notice = True
                history.give_notice(day)

    def _restate(self, history: _Account, status: str) -> None:
        """A later version of the rows that opened today."""
        for product, item in history.open_items.items():
            item.status, item.mrr, item.change = status, history.mrr_of(product, status), "plan_change"
            history._emit(item, NULL, None, history._moment(item.valid_from, 3 * 3600))
            history._note(item.valid_from)

    def _return(self, account: int, history: _Account, term: int, rng: np.random.Generator) -> None:
        day = int(self.relationships.return_day[account])
        if day >= self.config.days:
            return
        history.subscription = f"sub_{account + 1:05d}r"
        history.seats = max(2, int(history.seats * rng.uniform(0.5, 1.0)))
        back = self.config.first_day + day
        shift = min(int((back - back.astype("datetime64[M]").astype("datetime64[D]")).astype(int)), 27)
        anchor = back.astype("datetime64[M]").astype("datetime64[D]") + shift
        term_day, step = day, 1
        change = "reactivation"
        while term_day < self.config.days:
            until = int((add_months(np.array([anchor]), term * step)[0] - self.config.first_day).astype(np.int64))
            if change == "reactivation":
                history.open(CORE, term_day, change, "paid", (term_day, until))
            else:
                history.change(term_day, change, (term_day, until))
            term_day, step, change = until, step + 1, "renewal"

    def _keep(self, account: int, history: _Account) -> None:
        self.ledger.mrr[account] = (history.days, history.amounts)

    # ---- invoices ---------------------------------------------------------------------------------

    def invoices(self) -> pa.Table:
        rng = stream(self.config.seed, "billing", "invoices")
        lines: list[tuple] = []
        for account in range(self.book.size):
            if self.book.trial_converts[account] and not self.book.is_free[account]:
                self._bill(account, lines, rng)
        account, number, line, kind, begins, ends, issued, amount, unpaid, subscription = columns_of(lines, 10)
        return self._invoice_rows(
            account.astype(np.int64),
            number.astype(np.int64),
            line,
            kind,
            begins.astype(np.int64),
            ends.astype(np.int64),
            issued.astype(np.int64),
            amount.astype(float),
            unpaid.astype(bool),
            subscription,
            rng,
        )

    def _bill(self, account: int, lines: list[tuple], rng: np.random.Generator) -> None:
        relationships, months = self.relationships, self.months[account]
        end = int(min(relationships.end_day[account], self.config.days))
        step = int(self.book.bill_months[account])
        never_pays = relationships.end_reason[account] == "non_payment"
        subscription = f"sub_{account + 1:05d}"
        draws = rng.random((len(months), 3))
        for position in range(0, len(months) - step, step):
            day = int(months[position])
            if day >= end:
                break
            amount = round(self.ledger.mrr_on(account, day) * step, 2)
            if amount <= 0:
                continue
            until = int(months[position + step])
            # who ends by non-payment stopped paying for the term that was renewed for them
            unpaid = bool(never_pays and day >= end - NON_PAYMENT_DAYS - 3)
            number = len(lines)
            lines.append((account, number, "1", "recurring", day, until, day, amount, unpaid, subscription))
            if draws[position, 0] < 0.015:
                credit = -round(amount * 0.1, 2)
                lines.append((account, number, "2", "credit", day, until, day, credit, unpaid, subscription))
            if position == 0 and draws[position, 1] < (0.45 if self.book.segment[account] else 0.08):
                services = round(float(rng.lognormal(np.log(amount / step * 1.5 + 100), 0.4)), 2)
                lines.append((account, number, "3", "services", day, day + 60, day, services, False, subscription))
            elif draws[position, 1] < 0.012 * step:
                services = round(amount / step * float(rng.uniform(0.2, 0.8)), 2)
                lines.append((account, number, "3", "services", day, day + 30, day, services, False, subscription))
        if step > 1:
            self._prorate(account, lines, end, step, subscription)
        back = int(relationships.return_day[account])
        while back < self.config.days:
            amount = round(self.ledger.mrr_on(account, back), 2)
            lines.append(
                (
                    account,
                    len(lines),
                    "1",
                    "recurring",
                    back,
                    back + 30,
                    back,
                    amount,
                    False,
                    subscription + "r",
                )
            )
            back += 30

    def _prorate(self, account: int, lines: list[tuple], end: int, step: int, subscription: str) -> None:
        """Seats and add-ons bought within a paid period are billed for the rest of it."""
        days, amounts = self.ledger.mrr[account]
        bill_days = self.months[account][::step]
        for position in range(1, len(days)):
            day, more = days[position], amounts[position] - amounts[position - 1]
            following = bill_days[np.searchsorted(bill_days, day, side="right")]
            at_bill = day in bill_days
            if more > 0.01 and not at_bill and day < end and amounts[position - 1] > 0:
                amount = round(more * (following - day) / 30.4, 2)
                lines.append(
                    (
                        account,
                        len(lines),
                        "1",
                        "recurring",
                        day,
                        int(following),
                        day,
                        amount,
                        False,
                        subscription,
                    )
                )

    def _invoice_rows(
        self,
        account: np.ndarray,
        number: np.ndarray,
        line: np.ndarray,
        kind: np.ndarray,
        begins: np.ndarray,
        ends: np.ndarray,
        issued: np.ndarray,
        amount: np.ndarray,
        unpaid: np.ndarray,
        subscription: np.ndarray,
        rng: np.random.Generator,
    ) -> pa.Table:
        """Versions: issued, paid or voided, refunded."""
        config, causes, size = self.config, self.causes, len(account)
        # all lines of an invoice share its fate
        fate = fate_index(number)
        due = issued + np.where(self.book.term_months[account] == 1, 14, 30)
        price = causes.on_day(causes.price, account, issued)
        strength = causes.on_day(causes.strength, account, issued)
        chance = rng.random(size)[fate]
        late = chance < sigmoid(-2.2 + 0.8 * price - 0.35 * strength)
        forgotten = rng.random(size)[fate] < 0.004 * np.exp(0.5 * price)
        early = rng.integers(0, 11, size)[fate]
        overdue = np.ceil(rng.exponential(14, size) + 0.5).astype(np.int64)[fate]
        paid = np.where(late, due + overdue, np.maximum(due - early, issued + 1))
        voided = (rng.random(size)[fate] < 0.003) & ~unpaid
        paid = np.where(unpaid | forgotten | voided, NEVER, paid)
        voided_day = np.where(voided, issued + 5, NEVER)
        refunds = (rng.random(size) < 0.005) & (paid < NEVER) & (amount > 0)
        refunded_day = np.where(refunds, paid + rng.integers(3, 30, size), NEVER)
        refunded = np.where(refunds, np.round(amount * rng.choice([0.25, 0.5, 1.0], size), 2), np.nan)

        row = np.arange(size)
        versions = [
            (row, seconds(config, issued, 6 * 3600)),
            (row[paid < NEVER], seconds(config, paid[paid < NEVER], 10 * 3600)),
            (row[voided], seconds(config, voided_day[voided], 12 * 3600)),
            (row[refunds], seconds(config, refunded_day[refunds], 15 * 3600)),
        ]
        which = np.concatenate([rows for rows, _ in versions])
        updated = np.concatenate([moment for _, moment in versions])
        stage = np.repeat(np.arange(4), [len(rows) for rows, _ in versions])
        known = updated < config.end_second
        which, updated, stage = which[known], updated[known], stage[known]
        is_paid = (stage == 1) | (stage == 3)
        names = labels("inv_", number + 1, 7)
        return to_table(
            "invoice_lines",
            {
                "invoice_id": names[which],
                "line_id": line[which],
                "account_id": self.names[account[which]],
                "subscription_id": subscription[which],
                "line_type": kind[which],
                "period_start": dates(config, begins[which]),
                "period_end": dates(config, ends[which]),
                "issued_on": dates(config, issued[which]),
                "due_on": dates(config, due[which]),
                "paid_on": np.where(is_paid, dates(config, paid[which]), NULL),
                "amount": amount[which],
                "amount_paid": np.where(is_paid, amount[which], 0.0),
                "refunded_amount": np.where(stage == 3, refunded[which], np.nan),
                "refunded_on": np.where(stage == 3, dates(config, refunded_day[which]), NULL),
                "voided_on": np.where(stage == 2, dates(config, voided_day[which]), NULL),
                "currency": self.currency[account[which]],
                "updated_at": updated,
            },
            updated,
        )


def fate_index(number: np.ndarray) -> np.ndarray:
    """The position of an invoice's first line: what happens to it happens to all its lines."""
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    return first[inverse]
