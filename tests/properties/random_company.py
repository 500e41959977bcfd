"""Random accounts in the raw contract: everything that may happen to one, at random, and delivered late.

Belongs here: random raw rows, each with the day on which it is delivered.
Does not belong here: an imitation of a real company (examples/company) or any expectation of what comes out.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

FIRST_DAY = date(2026, 1, 1)
LAST_DAY = date(2026, 4, 30)
DAYS = (LAST_DAY - FIRST_DAY).days
OUTCOMES = ("adoption", "growth", "efficiency")
EVENTS = ("login", "login", "report", "automation", "export", "unmapped_event")
# no source told these from the beginning
CHAMPIONS_TOLD_FROM = date(2026, 2, 12)
SEATS_TOLD_FROM = date(2026, 3, 1)
RATINGS_TOLD_FROM = date(2026, 2, 20)
KINDS = ("training", "check_in", "business_review", "case_study", "onboarding_session")


@dataclass(frozen=True)
class Delivery:
    """A raw row and the day on which it reaches the warehouse."""

    table: str
    row: dict[str, Any]
    on: date


def _as_told(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """What a source that does not fill every column, not for everybody or not yet, makes of a row."""
    account = re.search(r"acc(\d+)$", str(row.get("account_id")))
    if account is None:
        return row
    number, said = int(account[1]), row.get("updated_at") or row.get("created_at")
    untold: dict[str, Any] = {}
    if table == "users" and (number % 5 == 0 or said.date() < CHAMPIONS_TOLD_FROM):
        untold["is_champion"] = None
    if table == "subscriptions" and (number % 7 == 0 and row["valid_from"] < SEATS_TOLD_FROM):
        untold["quantity"] = None
    if table == "usage_events" and row["account_id"] and number % 8 == 0:
        untold["user_id"] = None
    if table == "support_tickets" and row.get("csat_at") and row["csat_at"].date() < RATINGS_TOLD_FROM:
        untold |= {"csat": None, "csat_at": None}
    if table == "accounts" and number % 6 == 1:
        untold["not_recorded"] = ("product", "users;pulse", None)[said.day % 3]
    return {**row, **untold}


@dataclass
class RandomCompany:
    """Deliveries of many random accounts; the same seed gives the same rows.

    `twins` are pairs of accounts that differ in one thing: the second one used the product more.
    """

    seed: int
    accounts: int = 220
    twin_pairs: int = 200
    deliveries: list[Delivery] = field(default_factory=list)
    twins: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for number in range(self.accounts):
            self._account(f"acc{number:03d}")
        for number in range(self.twin_pairs):
            self._twins(f"low{number:03d}", f"high{number:03d}")

    def rows(self, after: date | None = None, until: date = date.max) -> dict[str, list[dict[str, Any]]]:
        """What is delivered in (after, until], per table."""
        by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for delivery in self.deliveries:
            if (after is None or delivery.on > after) and delivery.on <= until:
                by_table[delivery.table].append(delivery.row)
        return by_table

    # ------------------------------------------------------------------------------------------------ one account
    def _account(self, account: str) -> None:
        pick = self.random
        created = self._moment(FIRST_DAY - timedelta(days=60), pick.choice([0, 0, 0, 40, 90]))
        begins = max(created.date(), FIRST_DAY - timedelta(days=pick.randrange(60)))
        begins = min(begins + timedelta(days=pick.choice([0, 0, 3, 20])), LAST_DAY - timedelta(days=2))
        self._account_versions(account, created)
        keys = self._identifiers(account, created.date())
        users = self._users(account, begins)
        for _ in range(pick.choice([1, 1, 2, 3])):
            self._item(keys["billing"], begins + timedelta(days=pick.choice([0, 0, 5, 30])))
        self._invoices(keys["billing"], begins)
        self._usage(keys["product"], users, begins)
        self._tickets(keys["support"], users, begins)
        self._surveys(keys["survey"], begins)
        self._judgements(account, begins)
        self._outcomes(account, begins)
        self._overrides(account, begins)
        self._plans(account, begins)

    def _account_versions(self, account: str, created: datetime) -> None:
        pick = self.random
        row = {
            "account_id": account,
            "name": f"The {account} company",
            "segment": pick.choice(["smb", "smb", "enterprise", None, "unheard_of"]),
            "created_at": created,
        }
        moments = [
            created,
            *sorted(self._between(created.date(), LAST_DAY) for _ in range(pick.choice([0, 0, 1, 2, 3]))),
        ]
        is_dated = pick.random() < 0.9
        for moment in moments:
            self._deliver("accounts", {**row, "updated_at": moment if is_dated else None}, moment, copies=True)
            row = {**row, "segment": pick.choice(["smb", "enterprise", None]), "csm_id": pick.choice(["ana", "bo"])}

    def _identifiers(self, account: str, created: date) -> dict[str, str]:
        keys = {}
        for source in ("product", "support", "billing", "survey"):
            keys[source] = account
            if self.random.random() < 0.3:
                keys[source] = f"{source}-{account}"
                row = {"source": source, "external_id": keys[source], "account_id": account, "valid_from": created}
                self._deliver("account_identifiers", row, datetime.combine(created, time(1)))
        return keys

    def _users(self, account: str, begins: date) -> list[tuple[str, datetime]]:
        pick = self.random
        users = []
        for _ in range(pick.choice([0, 1, 2, 4])):
            user = self._id("user")
            created = self._between(begins, min(begins + timedelta(days=40), LAST_DAY))
            row = {"user_id": user, "account_id": account, "role": "user", "created_at": created}
            row["is_champion"] = pick.random() < 0.4
            updated = created if pick.random() < 0.9 else None
            self._deliver("users", {**row, "updated_at": updated}, created, copies=True)
            users.append((user, created))
            if updated is None:
                continue
            for moment in sorted(self._between(created.date(), LAST_DAY) for _ in range(pick.choice([0, 1, 1, 3]))):
                row = {**row, "is_champion": pick.random() < 0.4}
                if pick.random() < 0.2:
                    row["deactivated_at"] = moment + timedelta(days=pick.choice([0, 0, 9]))
                if pick.random() < 0.2:
                    row["account_id"] = f"acc{pick.randrange(self.accounts):03d}"
                self._deliver("users", {**row, "updated_at": moment}, moment)
        return users

    def _item(self, account: str, starts: date, *, late: bool = True) -> None:
        """A subscription item: rows that follow each other, with plan changes, pauses, cancellations and returns."""
        pick = self.random
        item = self._id("item")
        row: dict[str, Any] = {
            "subscription_item_id": item,
            "subscription_id": f"{item}-contract",
            "account_id": account,
            "product": pick.choice(["core", "plus"]),
            "plan": "standard",
            "quantity": pick.choice([0, 5, 10, 40]),
            "mrr": pick.choice([0, 99.5, 250, 1200.25]),
            "currency": pick.choice(["USD", "USD", "EUR"]),
            "discount_pct": pick.choice([None, 0, 10, 50, 100]),
            "billing_status": pick.choice(["paid", "paid", "paid", "free", "trial", "paused"]),
            "auto_renews": True,
            "change_type": "new",
        }
        while starts < LAST_DAY:
            row = {**row, "valid_from": starts, "valid_to": None, "end_reason": None, "cancel_requested_at": None}
            row["term_ends_on"] = pick.choice([None, starts + timedelta(days=90)])
            opened = datetime.combine(starts, time(9))
            self._deliver("subscriptions", {**row, "updated_at": opened}, opened, copies=True, late=late)
            ends = starts + timedelta(days=pick.choice([0, 1, 4, 15, 30, 60, 200]))
            fate = pick.choice(
                ["goes_on", "changes", "changes", "cancels", "cancels", "is_corrected", "asks_to_cancel"]
            )
            if ends >= LAST_DAY or fate == "goes_on":
                return
            closed = datetime.combine(ends, time(10))
            if fate == "asks_to_cancel":
                asked = {**row, "cancel_requested_at": closed, "updated_at": closed}
                self._deliver("subscriptions", asked, closed, late=late)
                closed += timedelta(days=12)
                ends += timedelta(days=pick.choice([12, 20]))
                row = asked
            if fate == "is_corrected":
                # first said to run for longer, corrected days later: customer days and money disappear
                longer = {**row, "valid_to": ends + timedelta(days=20), "updated_at": closed}
                self._deliver("subscriptions", longer, closed, late=late)
                closed += timedelta(days=pick.choice([1, 8, 25]))
            reason = "replaced" if fate == "changes" else pick.choice(["cancelled", "completed", "non_payment"])
            # written down on the day itself, days ahead or days after
            closed += timedelta(days=0 if fate == "changes" else pick.choice([-1, 0, 0, 3, 15]))
            closed = max(closed, opened + timedelta(hours=1))
            # some systems write down an end and leave updated_at as it was
            updated = opened if fate == "cancels" and pick.random() < 0.2 else closed
            self._deliver(
                "subscriptions",
                {**row, "valid_to": ends, "end_reason": reason, "updated_at": updated},
                closed,
                late=late,
            )
            if fate == "changes":
                starts = max(ends, starts + timedelta(days=1))
                row["change_type"] = pick.choice(["upsell", "downgrade", "price_change", "renewal"])
                row["quantity"] = pick.choice([5, 20])
                row["mrr"] = pick.choice([50, 333.33, 700])
                row["billing_status"] = pick.choice(["paid", "paid", "free", "paused"])
                if starts > ends:
                    return
            elif pick.random() < 0.6:
                starts = ends + timedelta(days=pick.choice([0, 5, 9, 10, 11, 30]))
                # a row that begins before the end that was written down last would contradict it: a fault, not a change
                starts = max(starts, ends + timedelta(days=21)) if fate == "is_corrected" else starts
                row["change_type"] = "reactivation"
            else:
                return

    def _invoices(self, account: str, begins: date) -> None:
        pick = self.random
        for month in range(pick.choice([0, 2, 4])):
            issued = begins + timedelta(days=30 * month)
            if issued >= LAST_DAY:
                return
            due = issued + timedelta(days=14)
            row: dict[str, Any] = {
                "invoice_id": self._id("invoice"),
                "line_id": "1",
                "account_id": account,
                "line_type": pick.choice(["recurring", "recurring", "services", "credit"]),
                "issued_on": issued,
                "due_on": due,
                "amount": pick.choice([100, 250.5, 1000]),
                "currency": pick.choice(["USD", "EUR"]),
            }
            if row["line_type"] == "credit":
                row["amount"] = -row["amount"]
            opened = datetime.combine(issued, time(8))
            if pick.random() < 0.8:
                self._deliver("invoice_lines", {**row, "updated_at": opened}, opened)
            settled = datetime.combine(due + timedelta(days=pick.choice([-5, 1, 8, 20, 45])), time(17))
            fate = pick.choice(["paid", "paid", "paid", "open", "void", "refunded", "lost", "charged"])
            if fate == "open":
                continue
            if fate == "charged":
                self._payments(row, settled)
                continue
            if fate in ("void", "lost"):
                row["voided_on" if fate == "void" else "written_off_on"] = settled.date()
            else:
                row |= {"paid_on": settled.date(), "amount_paid": row["amount"]}
            self._deliver("invoice_lines", {**row, "updated_at": settled}, settled)
            if fate == "refunded":
                refunded = settled + timedelta(days=6)
                row |= {"refunded_on": refunded.date(), "refunded_amount": 40}
                self._deliver("invoice_lines", {**row, "updated_at": refunded}, refunded)

    def _payments(self, row: dict[str, Any], settled: datetime) -> None:
        """An invoice that the lines never call paid: attempts do, in parts, and one is disputed."""
        pick = self.random
        moment = settled
        for attempt, outcome in enumerate(pick.choice(["f", "fs", "ss", "sd", "sdw", "sr"]), start=1):
            names = {"f": "failed", "s": "succeeded", "d": "disputed", "w": "dispute_won", "r": "refunded"}
            part = {"f": 1, "s": 2, "r": 4}.get(outcome)
            if part:
                payment = {
                    "payment_id": self._id("payment"),
                    "account_id": row["account_id"],
                    "invoice_id": row["invoice_id"],
                    "attempt": attempt,
                    "amount": abs(row["amount"]) / part,
                    "currency": row["currency"],
                    "attempted_at": moment,
                }
            self._deliver("payments", {**payment, "outcome": names[outcome], "updated_at": moment}, moment)
            moment += timedelta(days=pick.choice([1, 6, 20]))

    def _usage(self, account: str, users: list[tuple[str, datetime]], begins: date) -> None:
        pick = self.random
        for _ in range(pick.choice([0, 1, 2, 3])):
            starts = begins + timedelta(days=pick.randrange(DAYS))
            for offset in range(pick.choice([3, 20, 60])):
                day = starts + timedelta(days=offset)
                for _ in range(pick.choice([0, 0, 1, 2, 5])):
                    self._event(account, users, day)

    def _event(self, account: str, users: list[tuple[str, datetime]], day: date) -> None:
        if day > LAST_DAY:
            return
        moment = self._between(day, day)
        known = [user for user, created in users if created <= moment]
        user = self.random.choice(known) if known and self.random.random() < 0.8 else None
        row = {
            "event_id": self._id("event"),
            "account_id": account if user is None or self.random.random() < 0.5 else None,
            "user_id": user,
            "event_name": self.random.choice(EVENTS),
            "occurred_at": moment,
            "quantity": self.random.choice([None, 1, 2.5]),
        }
        self._deliver("usage_events", row, moment, copies=True)
        if self.random.random() < 0.01:
            # sent again, and it was another day
            moved = moment + timedelta(days=self.random.choice([-2, 1]))
            self._deliver("usage_events", {**row, "occurred_at": moved}, max(moment, moved) + timedelta(days=30))

    def _tickets(self, account: str, users: list[tuple[str, datetime]], begins: date) -> None:
        pick = self.random
        for _ in range(pick.choice([0, 1, 3, 6])):
            opened = self._between(begins, LAST_DAY)
            row: dict[str, Any] = {
                "ticket_id": self._id("ticket"),
                "account_id": account,
                "channel": "email",
                "priority": pick.choice(["low", "normal", "high", "urgent", None]),
                "opened_at": opened,
            }
            known = [user for user, created in users if created <= opened]
            if known and pick.random() < 0.3:
                row |= {"account_id": None, "user_id": pick.choice(known)}
            if pick.random() < 0.8:
                self._deliver("support_tickets", {**row, "updated_at": opened}, opened)
            answered = opened + timedelta(hours=pick.choice([1, 20, 60, 200]))
            row["first_response_at"] = answered
            if pick.random() < 0.7:
                self._deliver("support_tickets", {**row, "updated_at": answered}, answered)
            solved = answered + timedelta(days=pick.choice([0, 2, 9]))
            row["solved_at"] = solved
            if pick.random() < 0.5:
                row |= {"csat": pick.choice([1, 2, 4, 5]), "csat_at": solved + timedelta(days=pick.choice([0, 3]))}
            known_at = row.get("csat_at", solved)
            if pick.random() < 0.3:
                # the rating comes without a new updated_at
                unrated = {**row, "csat": None, "csat_at": None, "updated_at": solved}
                self._deliver("support_tickets", unrated, solved)
                self._deliver("support_tickets", {**row, "updated_at": solved}, known_at)
            else:
                self._deliver("support_tickets", {**row, "updated_at": known_at}, known_at)
            if pick.random() < 0.2:
                never = {**row, "ticket_id": self._id("ticket"), "updated_at": None}
                unsolved = {"solved_at": None, "csat": None, "csat_at": None}
                self._deliver("support_tickets", {**never, **unsolved, "first_response_at": None}, opened)
                self._deliver("support_tickets", {**never, **unsolved}, answered)
                self._deliver("support_tickets", never, known_at)
            for status, moment in (("open", opened), ("solved", solved), ("reopened", solved + timedelta(days=4))):
                if status != "reopened" or pick.random() < 0.3:
                    event = {
                        "ticket_id": row["ticket_id"],
                        "changed_at": moment,
                        "status": status,
                        "priority": "normal",
                    }
                    self._deliver("ticket_events", event, moment)

    def _surveys(self, account: str, begins: date) -> None:
        pick = self.random
        for _ in range(pick.choice([0, 1, 3])):
            sent = self._between(begins, LAST_DAY)
            row: dict[str, Any] = {"response_id": self._id("response"), "account_id": account, "sent_at": sent}
            row["survey"] = pick.choice(["nps", "nps", "csat", "ces"])
            if pick.random() < 0.7:
                responded = sent + timedelta(days=pick.choice([0, 5, 20]))
                if pick.random() < 0.5:
                    self._deliver("survey_responses", dict(row), sent)
                row |= {"responded_at": responded, "score": pick.choice([1, 3, 5])}
                self._deliver("survey_responses", row, responded)
            else:
                self._deliver("survey_responses", row, sent)

    def _judgements(self, account: str, begins: date) -> None:
        pick = self.random
        for _ in range(pick.choice([0, 1, 3])):
            moment = self._between(begins, LAST_DAY)
            row = {
                "pulse_id": self._id("pulse"),
                "account_id": account,
                "pulse": pick.randint(1, 5),
                "recorded_at": moment,
            }
            self._deliver("csm_pulses", row, moment)
        for _ in range(pick.choice([0, 1, 3])):
            planned = self._between(begins, LAST_DAY)
            row = {"engagement_id": self._id("engagement"), "account_id": account, "kind": pick.choice(KINDS)}
            row |= {"occurred_at": planned, "status": "planned"}
            if pick.random() < 0.6:
                self._deliver("engagements", {**row, "updated_at": planned}, planned)
            closed = planned + timedelta(days=pick.choice([0, 6]))
            row |= {"status": pick.choice(["completed", "completed", "cancelled"]), "closed_on": closed.date()}
            self._deliver("engagements", {**row, "updated_at": closed}, closed)

    def _outcomes(self, account: str, begins: date) -> None:
        pick = self.random
        for outcome in pick.sample(OUTCOMES, pick.choice([0, 1, 1, 2, 3])):
            declared = self._between(begins, LAST_DAY)
            row = {"account_id": account, "desired_outcome": outcome, "declared_on": declared.date()}
            row["is_primary"] = pick.random() < 0.5
            self._deliver("account_outcomes", {**row, "updated_at": declared}, declared)
            if pick.random() < 0.5:
                changed = self._between(declared.date(), LAST_DAY) + timedelta(days=1)
                row |= pick.choice([{"ended_on": changed.date()}, {"is_primary": not row["is_primary"]}])
                self._deliver("account_outcomes", {**row, "updated_at": changed}, changed)

    def _plans(self, account: str, begins: date) -> None:
        pick = self.random
        for milestone in pick.sample(["started", "trained", "agreed"], pick.choice([0, 0, 1, 3])):
            agreed = self._between(begins, LAST_DAY)
            for _ in range(pick.choice([1, 1, 2])):
                due = agreed.date() + timedelta(days=pick.choice([1, 5, 20, 60]))
                row = {"account_id": account, "milestone": milestone, "due_on": due, "updated_at": agreed}
                self._deliver("milestone_plans", row, agreed)
                agreed += timedelta(days=pick.choice([2, 15]))

    def _overrides(self, account: str, begins: date) -> None:
        pick = self.random
        for _ in range(pick.choice([0, 0, 1, 2])):
            created = self._between(begins, LAST_DAY)
            row = {
                "override_id": self._id("override"),
                "account_id": account,
                "scorecard": pick.choice([None, "general", "growth"]),
                "grade": pick.choice(["A", "D", "F"]),
                "author": "ana",
                "reason": "she spoke to them",
                "created_at": created,
                "expires_on": created.date() + timedelta(days=pick.choice([0, 5, 30])),
            }
            self._deliver("score_overrides", {**row, "updated_at": created}, created)
            if pick.random() < 0.4:
                changed = created + timedelta(days=3)
                row |= {"grade": "B", "expires_on": created.date() + timedelta(days=pick.choice([2, 12]))}
                self._deliver("score_overrides", {**row, "updated_at": changed}, changed)

    # ------------------------------------------------------------------------------------------------------- twins
    def _twins(self, low: str, high: str) -> None:
        """Two accounts with the same rows; the second one has more usage on some days, and nothing else."""
        pick = self.random
        self.twins.append((low, high))
        begins = FIRST_DAY + timedelta(days=pick.randrange(40))
        days = [(begins + timedelta(days=pick.randrange(70)), pick.choice([0, 0, 1, 3])) for _ in range(40)]
        more = [begins + timedelta(days=pick.randrange(70)) for _ in range(pick.randint(1, 8))]
        shared = [self.random.getrandbits(64) for _ in range(3)]
        for account in (low, high):
            created = datetime.combine(begins, time(1))
            row = {
                "account_id": account,
                "name": account,
                "segment": "smb",
                "created_at": created,
                "updated_at": created,
            }
            self._deliver("accounts", row, created, late=False)
            outcome = {
                "account_id": account,
                "desired_outcome": "efficiency",
                "declared_on": begins,
                "is_primary": True,
            }
            self._deliver("account_outcomes", {**outcome, "updated_at": created}, created, late=False)
            for day, events in days + ([(day, 2) for day in more] if account == high else []):
                for _ in range(events):
                    event = {"event_id": self._id("event"), "account_id": account, "event_name": "report"}
                    moment = datetime.combine(day, time(12))
                    self._deliver("usage_events", {**event, "occurred_at": moment}, moment, late=False)
            self.random = random.Random(shared[0])
            self._item(account, begins, late=False)
            self._invoices(account, begins)
            self._judgements(account, begins)
            self._surveys(account, begins)
            # the twins differ in how late their rows arrive, never in what they say
            self.random = pick

    # ----------------------------------------------------------------------------------------------------- helpers
    def _deliver(
        self, table: str, row: dict[str, Any], known_at: datetime, *, copies: bool = False, late: bool = True
    ) -> None:
        delay = 0
        if late:
            delay = self.random.choices([0, 1, 3, 12, 40], [70, 15, 6, 6, 3])[0]
        on = max(known_at.date(), FIRST_DAY) + timedelta(days=delay)
        row = _as_told(table, row)
        self.deliveries.append(Delivery(table, row, on))
        if copies and self.random.random() < 0.03:
            self.deliveries.append(Delivery(table, dict(row), on + timedelta(days=self.random.choice([0, 4]))))

    def _id(self, prefix: str) -> str:
        self.ids[prefix] += 1
        return f"{prefix}{self.ids[prefix]:06d}"

    def _moment(self, first: date, offset: int) -> datetime:
        return datetime.combine(first + timedelta(days=offset), time(0, 30))

    def _between(self, first: date, last: date) -> datetime:
        last = max(first, last)
        day = first + timedelta(days=self.random.randint(0, (last - first).days))
        return datetime.combine(day, time(self.random.randrange(24), self.random.randrange(60)))


def garbage(seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows that no model can use, one kind after the other, with keys of their own."""
    pick = random.Random(seed)
    day, moment = date(2026, 2, 3), datetime(2026, 2, 3, 12)
    ahead = datetime(2031, 1, 1)
    for number in range(60):
        key = pick.choice([None, "", f"garbage{pick.randrange(20)}", "'; drop table raw.accounts; --"])
        account = pick.choice(["nobody", None, "acc000", ""])
        when = pick.choice([moment, ahead, None])
        yield "accounts", {"account_id": pick.choice([None, "strange"]), "created_at": when, "updated_at": when}
        yield (
            "account_identifiers",
            {"source": "billing", "external_id": key, "account_id": account, "valid_from": None},
        )
        yield "csms", {"csm_id": key, "name": "Ana", "weekly_hours": pick.choice([-1, None, 40]), "updated_at": when}
        yield (
            "account_outcomes",
            {
                "account_id": account,
                "desired_outcome": pick.choice([None, "unknown", "growth"]),
                "declared_on": pick.choice([day, None]),
                "ended_on": pick.choice([date(2020, 1, 1), None]),
                "updated_at": when,
            },
        )
        yield "milestone_plans", {"account_id": account, "milestone": key, "due_on": day, "updated_at": when}
        yield "users", {"user_id": key, "account_id": account, "created_at": when, "updated_at": when}
        yield (
            "usage_events",
            {"event_id": key, "account_id": account, "event_name": pick.choice([None, "login"]), "occurred_at": when},
        )
        yield (
            "support_tickets",
            {
                "ticket_id": key,
                "account_id": account,
                "opened_at": when,
                "csat": pick.choice([9, None]),
                "csat_at": moment,
                "updated_at": when,
            },
        )
        yield "ticket_events", {"ticket_id": key, "changed_at": when, "status": pick.choice([None, "lost"])}
        yield (
            "subscriptions",
            {
                "subscription_item_id": key,
                "account_id": account,
                "valid_from": pick.choice([day, None]),
                "valid_to": pick.choice([date(2026, 1, 1), None]),
                "mrr": pick.choice([-5, 10]),
                "currency": pick.choice(["XXX", "USD"]),
                "billing_status": pick.choice([None, "maybe", "paid"]),
                "updated_at": when,
            },
        )
        yield (
            "invoice_lines",
            {
                "invoice_id": key,
                "line_id": pick.choice(["1", None]),
                "account_id": account,
                "issued_on": pick.choice([day, None]),
                "amount": pick.choice([-5, 10]),
                "currency": pick.choice(["XXX", "USD"]),
                "updated_at": when,
            },
        )
        yield (
            "survey_responses",
            {
                "response_id": key,
                "account_id": account,
                "survey": pick.choice(["nps", "x"]),
                "sent_at": when,
                "score": 99,
            },
        )
        yield (
            "csm_pulses",
            {"pulse_id": key, "account_id": account, "pulse": pick.choice([0, 3, 9]), "recorded_at": when},
        )
        yield (
            "engagements",
            {"engagement_id": key, "account_id": account, "kind": "x", "occurred_at": when, "updated_at": when},
        )
        yield (
            "score_overrides",
            {"override_id": key, "account_id": account, "created_at": when, "expires_on": day, "updated_at": when},
        )
        _ = number
