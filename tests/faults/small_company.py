"""A company of two dozen accounts written out by hand, and the faults that can befall its data.

Every fault happens to an account of its own, so that what it changes can be told from what it must leave alone.

Belongs here: the rows as a source delivers them: without faults, with all of them, and what comes later.
Does not belong here: what must become of a row (test_data_faults.py).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Delivery = Mapping[str, Rows]  # raw table -> rows

START = date(2026, 1, 1)
AS_OF = date(2026, 4, 10)
LOADED_AT = datetime(2026, 4, 11, 5)
LATER_AS_OF = date(2026, 4, 20)
LATER_LOADED_AT = datetime(2026, 4, 21, 5)
OUTAGE_STARTS = date(2026, 4, 12)
LOUD_DAY = date(2026, 4, 5)

# no row of these is touched by any fault
UNTOUCHED = ("calm_1", "calm_2", "lively", "only_enterprise")
# these receive rows, all of which have to be left out: nothing about them may change
ONLY_BAD_ROWS = (
    "doubled",
    "early",
    "backwards",
    "surveyed",
    "ring_a",
    "ring_b",
    "narcissus",
    "orphan",
)
WITH_NEW_FACTS = (
    # of its pulse and one event nobody can tell which row is right, so both wait
    "contested",
    "late",
    "very_late",
    "departed",
    "credited",
    "refunded",
    "mixed",
    "overlapping",
    "gap",
    "reopener",
    "private",
    "loud",
    "moved",
)
EVERYBODY = (*UNTOUCHED, *ONLY_BAD_ROWS, *WITH_NEW_FACTS)

# stands wherever a person may have written or be named
SECRET = "jane.roe.7f3a"
SECRET_ADDRESS = f"{SECRET}@example.com"

# USD and EUR change every month; GBP has no rate after February, XTS none at all
EXCHANGE_RATES = "\n".join(
    [
        "currency,month,usd_per_unit",
        *(f"USD,2025-{month:02}-01,1" for month in range(10, 13)),
        *(f"USD,2026-{month:02}-01,1" for month in range(1, 13)),
        "EUR,2026-01-01,1.10",
        "EUR,2026-02-01,1.15",
        "EUR,2026-03-01,1.20",
        "EUR,2026-04-01,1.25",
        "GBP,2026-01-01,1.30",
        "GBP,2026-02-01,1.40",
        "",
    ]
)

BROKEN_PULSES = f"""pulse_id,account_id,pulse,note,recorded_at
pulse-typed-1,private,3,,2026-03-06
pulse-typed-2,private,bad,{SECRET_ADDRESS} is unhappy,2026-03-07
"""


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def at(day: date | str, clock: str = "10:00:00") -> str:
    return f"{day} {clock}"


def write(landing: Path, delivery: Delivery, file_name: str) -> None:
    """One CSV file per raw table."""
    for table, rows in delivery.items():
        path = landing / table / f"{file_name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)


# ---------------------------------------------------------------- one healthy account, as its sources know it


def account(name: str, /, **changes: Any) -> dict[str, Any]:
    return {
        "account_id": name,
        "name": f"{name} Ltd",
        "parent_account_id": "",
        "segment": "enterprise" if name == "only_enterprise" else "smb",
        "csm_id": "csm_1",
        "created_at": at(START, "00:00:00"),
        "updated_at": at(START, "00:00:00"),
        **changes,
    }


def item(name: str, suffix: str = "", /, valid_from: date | str = START, **changes: Any) -> dict[str, Any]:
    return {
        "subscription_item_id": f"item-{name}{suffix}",
        "valid_from": valid_from,
        "subscription_id": f"sub-{name}",
        "account_id": name,
        "product": "core",
        "quantity": 10,
        "mrr": 1000,
        "currency": "USD",
        "billing_status": "paid",
        "term_ends_on": "2026-12-31",
        "valid_to": "",
        "change_type": "new",
        "end_reason": "",
        "updated_at": at(valid_from, "00:00:00"),
        **changes,
    }


def invoice(name: str, number: int, issued_on: str, amount: float, **changes: Any) -> dict[str, Any]:
    return {
        "invoice_id": f"inv-{name}-{number}",
        "line_id": 1,
        "account_id": name,
        "subscription_id": f"sub-{name}",
        "line_type": "recurring",
        "issued_on": issued_on,
        "due_on": date.fromisoformat(issued_on) + timedelta(days=14),
        "paid_on": date.fromisoformat(issued_on) + timedelta(days=5),
        "amount": amount,
        "amount_paid": amount,
        "refunded_amount": "",
        "refunded_on": "",
        "currency": "USD",
        "updated_at": at(issued_on, "00:00:00"),
        **changes,
    }


def ticket(ticket_id: str, name: str, opened_on: str, **changes: Any) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "account_id": name,
        "channel": "email",
        "priority": "normal",
        "category": "question",
        "opened_at": at(opened_on),
        "first_response_at": at(opened_on, "11:00:00"),
        "solved_at": at(opened_on, "15:00:00"),
        "reopened_count": 0,
        "csat": "",
        "updated_at": at(opened_on, "15:00:00"),
        **changes,
    }


def event(event_id: str, name: str, occurred_at: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "account_id": name,
        "user_id": "",
        "event_name": "dashboard_viewed",
        "occurred_at": occurred_at,
        "quantity": 1,
        **changes,
    }


def survey(response_id: str, name: str, kind: str, day: str, score: float | str, **changes: Any) -> dict[str, Any]:
    return {
        "response_id": response_id,
        "account_id": name,
        "survey": kind,
        "sent_at": at(day),
        "responded_at": at(day, "12:00:00"),
        "score": score,
        "comment": "",
        **changes,
    }


def pulse(pulse_id: str, name: str, day: str, value: float | str, **changes: Any) -> dict[str, Any]:
    return {
        "pulse_id": pulse_id,
        "account_id": name,
        "csm_id": "csm_1",
        "pulse": value,
        "note": "",
        "recorded_at": at(day),
        **changes,
    }


def usage(name: str, first: date, last: date) -> list[dict[str, Any]]:
    """Two people look daily; what else they do differs between accounts (the stranger behaves like calm_2)."""
    position = EVERYBODY.index("calm_2" if name == "stranger" else name)
    rows = []
    for day in days(first, last):
        for person in (1, 2):
            seen = {"account_id": "", "user_id": f"user-{name}-{person}"}
            rows.append(event(f"e-{name}-{day}-{person}", name, at(day, f"0{person}:30:00"), **seen))
            if (day.toordinal() + person) % (2 + position % 5) == 0 and day.month % 2 == position % 2:
                row = event(f"a-{name}-{day}-{person}", name, at(day, "16:00:00"), **seen)
                rows.append({**row, "event_name": "automation_run"})
    return rows


def account_rows(name: str) -> dict[str, list[dict[str, Any]]]:
    """All of one healthy account but its row in accounts. Nobody ever answers an NPS survey."""
    people = [
        {
            "user_id": f"user-{name}-{person}",
            "account_id": name,
            "role": "user",
            "is_champion": "true" if person == 1 else "false",
            "created_at": at(START, "00:00:00"),
            "updated_at": at(START, "00:00:00"),
        }
        for person in (1, 2)
    ]
    training = {
        "engagement_id": f"eng-{name}",
        "account_id": name,
        "kind": "training",
        "status": "completed",
        "occurred_at": at("2026-01-20"),
        "note": "",
        "updated_at": at("2026-01-20"),
    }
    subscriptions = [item(name)]
    if name == "gap":
        subscriptions = [
            item(name, valid_to="2026-02-01", end_reason="replaced"),
            item(name, valid_from="2026-02-11", change_type="plan_change"),
        ]
    return {
        "subscriptions": subscriptions,
        "users": people,
        "usage_events": usage(name, START, AS_OF),
        "support_tickets": [ticket(f"t-{name}", name, "2026-01-15")],
        "ticket_events": [{"ticket_id": f"t-{name}", "changed_at": at("2026-01-15", "15:00:00"), "status": "solved"}],
        "invoice_lines": [invoice(name, 1, "2026-01-02", 1000)],
        "survey_responses": [survey(f"csat-{name}", name, "csat", "2026-01-25", 4)],
        "csm_pulses": [pulse(f"pulse-{name}", name, "2026-02-20", 4)],
        "engagements": [training],
    }


def gather(deliveries: Sequence[Delivery]) -> dict[str, list[Mapping[str, Any]]]:
    together: dict[str, list[Mapping[str, Any]]] = {}
    for delivery in deliveries:
        for table, rows in delivery.items():
            together.setdefault(table, []).extend(rows)
    return together


def company() -> Delivery:
    """Everybody, without any fault."""
    shared = {
        "accounts": [account(name) for name in EVERYBODY],
        "csms": [{"csm_id": "csm_1", "name": "Ada", "team": "north", "updated_at": at(START)}],
        "account_outcomes": [
            {"account_id": "only_enterprise", "desired_outcome": outcome, "declared_on": START, "updated_at": at(START)}
            for outcome in ("adoption", "efficiency")
        ],
    }
    return gather([shared, *(account_rows(name) for name in EVERYBODY)])


# ---------------------------------------------------------------- faults


def only_of(delivery: Delivery, name: str) -> Delivery:
    """The rows of one account, as a source would send them a second time."""
    keys = (name, f"user-{name}-1", f"user-{name}-2", f"t-{name}")
    return {
        table: rows
        for table, rows in (
            (
                table,
                [row for row in rows if {row.get("account_id"), row.get("user_id"), row.get("ticket_id")} & set(keys)],
            )
            for table, rows in delivery.items()
        )
        if rows
    }


def stranger() -> Delivery:
    """Rows of an account that accounts does not hold yet, by its own id, its users, and an id of the product."""
    rows = {table: list(of_table) for table, of_table in account_rows("stranger").items()}
    rows["usage_events"] = [
        {**row, "account_id": "px-stranger"} if row["event_id"].endswith("-2") else row for row in rows["usage_events"]
    ]
    known_as = {"source": "product", "external_id": "px-stranger", "account_id": "stranger"}
    outcome = {
        "account_id": "stranger",
        "desired_outcome": "adoption",
        "declared_on": START,
        "updated_at": at(START),
    }
    plan = {"account_id": "stranger", "milestone": "moved_in", "due_on": "2026-02-01", "updated_at": at(START)}
    grade = {
        "override_id": "o-stranger",
        "account_id": "stranger",
        "scorecard": "adoption",
        "grade": "F",
        "author": "Ada",
        "reason": "They told us",
        "created_at": at("2026-03-01"),
        "expires_on": "2026-03-05",
        "updated_at": at("2026-03-01"),
    }
    return {
        **rows,
        "account_identifiers": [known_as],
        "account_outcomes": [outcome],
        "milestone_plans": [plan],
        "score_overrides": [grade],
    }


def strangers_from_before() -> Delivery:
    """Two more unknown accounts: one known only by an id of the product, one whose own row is of no use yet."""
    return {
        "account_identifiers": [{"source": "product", "external_id": "px-foreigner", "account_id": "foreigner"}],
        "accounts": [account("hasty", updated_at=at("2026-05-20"))],
        "subscriptions": [item(name, valid_from="2025-12-01") for name in ("foreigner", "hasty")],
        "usage_events": [
            event("foreign-1", "px-foreigner", at("2025-12-10")),
            event("hasty-1", "hasty", at("2025-12-11")),
        ],
    }


def faults() -> Delivery:
    """Every fault at once."""
    return gather(
        [
            stranger(),
            strangers_from_before(),
            _conflicts(),
            _impossible_times(),
            _implausible(),
            _without_key(),
            _money(),
            _subscriptions(),
            _parents(),
            _scores(),
            _personal_data(),
            {
                "accounts": [account("moved", segment="enterprise", updated_at=at("2026-03-01"))],
                "support_tickets": _reopened_ticket(),
                "ticket_events": [
                    {"ticket_id": "t-again", "changed_at": at(day), "status": status}
                    for day, status in (("2026-03-03", "solved"), ("2026-03-10", "reopened"), ("2026-03-14", "solved"))
                ],
                # ten times what the whole company does on a day
                "usage_events": [event(f"loud-{n}", "loud", at(LOUD_DAY, "12:00:00")) for n in range(600)],
            },
        ]
    )


def _conflicts() -> Delivery:
    name = "contested"
    base = account_rows(name)
    return {
        "accounts": [account(name, name="Somebody else")],
        "subscriptions": [item(name, mrr=9000)],
        "usage_events": [{**base["usage_events"][0], "event_name": "automation_run"}],
        "support_tickets": [{**base["support_tickets"][0], "priority": "urgent"}],
        "invoice_lines": [invoice(name, 1, "2026-01-02", 7000)],
        "csm_pulses": [pulse(f"pulse-{name}", name, "2026-02-20", 1)],
    }


def _impossible_times() -> Delivery:
    return {
        "usage_events": [
            event("future-far", "early", at("2026-05-20")),
            event("future-near", "early", at("2026-04-14")),
            # less than a day ahead of its load: clocks differ
            event("future-hours", "early", at("2026-04-11", "20:00:00")),
        ],
        "support_tickets": [
            ticket("t-future", "early", "2026-05-20"),
            ticket("t-backwards", "backwards", "2026-03-10", solved_at=at("2026-03-09")),
        ],
        "csm_pulses": [pulse("pulse-future", "early", "2026-05-20", 1)],
        "survey_responses": [survey("csat-future", "early", "csat", "2026-05-20", 1)],
        "invoice_lines": [invoice("early", 2, "2026-05-20", 700)],
        "accounts": [account("early", name="Later Ltd", updated_at=at("2026-05-20"))],
        "subscriptions": [item("backwards", "-y", "2026-03-01", valid_to="2026-02-01", updated_at=at("2026-03-01"))],
        "account_outcomes": [
            {
                "account_id": "backwards",
                "desired_outcome": "growth",
                "declared_on": "2026-03-01",
                "ended_on": "2026-02-01",
                "updated_at": at("2026-03-01"),
            }
        ],
    }


def _implausible() -> Delivery:
    """Values of the right type that nobody can mean: one such row used to end or to slow down every build."""
    return {
        "usage_events": [
            event("zero-of-net", "early", at("0001-01-01")),
            event("zero-of-unix", "early", at("1970-01-01")),
            event("endless", "early", at("2026-03-02"), quantity="1e300"),
        ],
        "support_tickets": [ticket("t-year-1", "early", "0001-01-01")],
        "subscriptions": [
            item("early", "-huge-1", "2026-02-01", mrr="90000000000000"),
            item("early", "-huge-2", "2026-02-01", mrr="90000000000000"),
            # a legal number in its currency, but not in US dollars
            item("early", "-huge-3", "2026-02-01", mrr="9500000000", currency="EUR"),
            item("early", "-sheet", "1900-01-01"),
            item("early", "-gift", "2026-02-01", discount_pct=150),
        ],
        "invoice_lines": [invoice("early", 3, "2026-02-15", 90_000_000_000_000)],
        "csm_pulses": [pulse("pulse-sheet", "early", "1899-12-30", 1)],
        "users": [
            {
                "user_id": "u-year-1",
                "account_id": "early",
                "role": "user",
                "created_at": at("0001-01-01"),
                "updated_at": at("2026-02-01"),
            }
        ],
    }


def _without_key() -> Delivery:
    return {
        "accounts": [account("", name="Nobody")],
        "usage_events": [event("", "doubled", at("2026-03-01")), event("", "doubled", at("2026-03-01"))],
        "subscriptions": [{**item("doubled"), "subscription_item_id": ""}],
        "support_tickets": [ticket("", "doubled", "2026-03-01")],
        "invoice_lines": [{**invoice("doubled", 3, "2026-03-01", 10), "line_id": ""}],
    }


def _money() -> Delivery:
    return {
        "subscriptions": [
            item("mixed", "-eur-1", "2026-01-10", mrr=100, currency="EUR"),
            item("mixed", "-eur-2", "2026-03-05", mrr=100, currency="EUR"),
            item("mixed", "-xts", "2026-03-05", mrr=100, currency="XTS"),
        ],
        "invoice_lines": [
            # a negative line is a credit, though the billing system calls it otherwise; nobody will ever pay it
            invoice("credited", 2, "2026-02-15", -250, paid_on="", amount_paid=""),
            invoice("refunded", 2, "2026-02-15", 500, refunded_amount=800, refunded_on="2026-03-10"),
            invoice("mixed", 2, "2026-01-20", 200, currency="EUR"),
            invoice("mixed", 3, "2026-03-20", 200, currency="EUR"),
            invoice("mixed", 4, "2026-03-21", 200, currency="GBP"),
            invoice("mixed", 5, "2026-03-22", 200, currency="XTS"),
        ],
    }


def _subscriptions() -> Delivery:
    ended = {"end_reason": "cancelled", "updated_at": at("2026-02-10"), "valid_to": "2026-02-10"}
    return {
        "subscriptions": [
            item("departed", **ended),
            # a second item beside the first one is no overlap
            item("overlapping", "-x", "2026-01-15", mrr=300, valid_to="2026-03-15", updated_at=at("2026-01-15")),
            # but the same item twice at once is
            item("overlapping", "-x", "2026-02-15", mrr=300, valid_to="2026-03-20", updated_at=at("2026-02-15")),
            # and what follows is as good as if the wrong row had never come
            item("overlapping", "-x", "2026-03-15", mrr=500, updated_at=at("2026-03-15")),
        ],
    }


def _parents() -> Delivery:
    changed = at("2026-03-01")
    return {
        "accounts": [
            account("ring_a", parent_account_id="ring_b", updated_at=changed),
            account("ring_b", parent_account_id="ring_a", updated_at=changed),
            account("narcissus", parent_account_id="narcissus", updated_at=changed),
            account("orphan", parent_account_id="nobody", updated_at=changed),
        ]
    }


def _scores() -> Delivery:
    return {
        "survey_responses": [
            survey("nps-11", "surveyed", "nps", "2026-03-01", 11),
            survey("nps-minus", "surveyed", "nps", "2026-03-01", -1),
            survey("csat-9", "surveyed", "csat", "2026-03-01", 9),
            survey("ces-0", "surveyed", "ces", "2026-03-01", 0),
            survey("other", "surveyed", "mood", "2026-03-01", 3),
        ],
        "csm_pulses": [
            pulse("pulse-9", "surveyed", "2026-03-01", 9),
            pulse("pulse-none", "surveyed", "2026-03-01", ""),
        ],
        "support_tickets": [ticket("t-csat-7", "surveyed", "2026-03-01", csat=7)],
    }


def _reopened_ticket() -> Rows:
    opened = {"solved_at": "", "updated_at": at("2026-03-01")}
    return [
        ticket("t-again", "reopener", "2026-03-01", **opened),
        ticket("t-again", "reopener", "2026-03-01", solved_at=at("2026-03-03"), updated_at=at("2026-03-03")),
        ticket("t-again", "reopener", "2026-03-01", reopened_count=1, **{**opened, "updated_at": at("2026-03-10")}),
        ticket(
            "t-again",
            "reopener",
            "2026-03-01",
            reopened_count=1,
            solved_at=at("2026-03-14"),
            updated_at=at("2026-03-14"),
        ),
    ]


def _personal_data() -> Delivery:
    name = "private"
    told = f"{SECRET_ADDRESS} said that her boss is leaving"
    user = {"role": "user", "is_champion": "true", "created_at": at("2026-02-01"), "updated_at": at("2026-02-01")}
    return {
        "users": [
            {"user_id": SECRET_ADDRESS, "account_id": name, **user},
            {"user_id": f"other.{SECRET_ADDRESS}", "account_id": "nobody_knows_it", **user},
        ],
        "usage_events": [
            event(
                "private-1", "", at("2026-03-02"), user_id=SECRET_ADDRESS, properties=f'{{"mail": "{SECRET_ADDRESS}"}}'
            ),
            event("private-2", name, at("2026-03-02"), event_name=f"invited {SECRET_ADDRESS}"),
            event("private-3", "", at("2026-03-02"), user_id=f"unknown.{SECRET_ADDRESS}"),
        ],
        "support_tickets": [
            ticket("t-private", "", "2026-03-02", user_id=SECRET_ADDRESS, category=told),
            ticket("t-private-2", name, "2026-03-02", channel=told, priority=told),
        ],
        "survey_responses": [
            survey("csat-told", name, "csat", "2026-03-03", 5, user_id=SECRET_ADDRESS, comment=told, question=told),
            survey("csat-told-2", name, "csat", "2026-03-03", 50, comment=told),
        ],
        "csm_pulses": [pulse("pulse-told", name, "2026-03-04", 2, note=told)],
        "engagements": [
            {
                "engagement_id": f"eng-{name}-{kind[:8]}",
                "account_id": name,
                "kind": kind,
                "status": "completed",
                "occurred_at": at("2026-03-05"),
                "note": told,
                "updated_at": at("2026-03-05"),
            }
            for kind in ("business_review", told)
        ],
        "account_outcomes": [
            {
                "account_id": name,
                "desired_outcome": "adoption",
                "declared_on": "2026-03-01",
                "interview_on": "2026-03-01",
                "interview_note": told,
                "updated_at": at("2026-03-01"),
            }
        ],
    }


def what_comes_later() -> Delivery:
    """Ten more days: nine of them nearly without events, late rows, and the account that was missing."""
    present = [name for name in EVERYBODY if name != "departed"]
    whole_days = [row for name in (*present, "stranger") for row in usage(name, AS_OF + timedelta(days=1), LATER_AS_OF)]
    quiet = [row for row in whole_days if row["occurred_at"] < str(OUTAGE_STARTS) or "e-lively" in row["event_id"]]
    return gather(
        [
            {
                # the account that left is no longer exported; everybody else is sent again unchanged
                "accounts": [account(name) for name in (*present, "stranger", "foreigner", "hasty")],
                "usage_events": [
                    *quiet,
                    event("late-1", "late", at("2026-04-09")),
                    event("very-late-1", "very_late", at("2026-02-15")),
                    # sent again, now that its day has come
                    event("future-near", "early", at("2026-04-14")),
                    # from somebody who had already left
                    event("departed-late", "departed", at("2026-04-15")),
                ],
                "csm_pulses": [
                    pulse("pulse-very-late", "very_late", "2026-02-25", 1),
                    # one that was off the scale, corrected by who had sent it
                    pulse("pulse-9", "surveyed", "2026-04-15", 5),
                ],
            }
        ]
    )


# ---------------------------------------------------------------- other companies


def berlin() -> Delivery:
    """Two accounts on days of 23, 24 and 25 hours, with timestamps of several zones."""
    utc = [datetime(2025, 10, 25, 22) + timedelta(hours=hour) for hour in range(25)]  # the 26th of October in Berlin
    utc += [datetime(2026, 3, 28, 23) + timedelta(hours=hour) for hour in range(23)]  # the 29th of March
    utc += [datetime(2025, 11, 9, 23) + timedelta(hours=hour) for hour in range(24)]  # the 10th of November
    created = {"created_at": "2025-10-01 00:00:00", "updated_at": "2025-10-01 00:00:00"}
    return {
        "accounts": [account(name, **created) for name in ("clockmaker", "neighbour")],
        "subscriptions": [item(name, valid_from="2025-10-01") for name in ("clockmaker", "neighbour")],
        "usage_events": [
            event(f"tick-{number}", "clockmaker", _in_some_zone(number, moment)) for number, moment in enumerate(utc)
        ],
        "csm_pulses": [pulse("late-evening", "clockmaker", "", 5, recorded_at="2026-03-29 22:30:00")],
    }


def _in_some_zone(number: int, moment: datetime) -> str:
    """The same moment as different systems write it."""
    hours = (None, 0, 9, -5, 2)[number % 5]
    if hours is None:
        return moment.strftime("%Y-%m-%d %H:%M:%S")  # naive: UTC
    local = moment + timedelta(hours=hours)
    return local.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if hours == 0 else f"{hours:+03d}:00")


def contracts_only() -> Delivery:
    """The two tables that nobody can do without."""
    names = ("calm_1", "calm_2")
    return {"accounts": [account(name) for name in names], "subscriptions": [item(name) for name in names]}
