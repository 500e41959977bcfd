"""A small sound company, and beside it one row for each column and each extreme value that can be read.

Belongs here: raw rows that are sound, and values at the edges of their types.
Does not belong here: what becomes of them (test_extreme_values.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from customer_health.core.contract import Contract, Table

FIRST_DAY = date(2026, 3, 1)
LAST_DAY = date(2026, 5, 31)
LOADED_AT = datetime(2026, 6, 1, 3)
EVENTS = ("login", "dashboard_viewed", "report_created", "report_shared", "automation_run", "data_exported")

Rows = dict[str, list[dict[str, Any]]]

# one row of each table that nothing is wrong with; {id} is what is new in each
SOUND: Mapping[str, Mapping[str, Any]] = {
    "accounts": {
        "account_id": "{id}",
        "name": "The {id} company",
        "segment": "smb",
        "currency": "USD",
        "created_at": "2026-03-01T00:00:00",
        "csm_id": "ana",
        "updated_at": "2026-03-01T00:00:00",
    },
    "account_identifiers": {
        "source": "billing",
        "external_id": "{id}",
        "account_id": "acme",
        "valid_from": "2026-03-01",
    },
    "csms": {
        "csm_id": "{id}",
        "name": "Bo",
        "team": "one",
        "weekly_hours": "20",
        "updated_at": "2026-03-01T00:00:00",
    },
    "account_outcomes": {
        "account_id": "{account}",
        "desired_outcome": "adoption",
        "declared_on": "2026-03-02",
        "is_primary": "true",
        "updated_at": "2026-03-02T00:00:00",
    },
    "milestone_plans": {
        "account_id": "{account}",
        "milestone": "kick_off",
        "due_on": "2026-04-01",
        "updated_at": "2026-03-02T00:00:00",
    },
    "users": {
        "user_id": "{id}",
        "account_id": "{account}",
        "role": "user",
        "is_champion": "true",
        "created_at": "2026-03-01T01:00:00",
        "updated_at": "2026-03-01T01:00:00",
    },
    "usage_events": {
        "event_id": "{id}",
        "account_id": "{account}",
        "event_name": "login",
        "occurred_at": "2026-04-01T12:00:00",
        "quantity": "1",
    },
    "support_tickets": {
        "ticket_id": "{id}",
        "account_id": "{account}",
        "channel": "email",
        "priority": "normal",
        "opened_at": "2026-04-01T12:00:00",
        "first_response_at": "2026-04-01T14:00:00",
        "solved_at": "2026-04-02T14:00:00",
        "reopened_count": "0",
        "csat": "4",
        "csat_at": "2026-04-03T14:00:00",
        "updated_at": "2026-04-03T14:00:00",
    },
    "ticket_events": {
        "ticket_id": "ticket-of-acme",
        "changed_at": "2026-04-01T13:00:00",
        "status": "open",
        "priority": "normal",
    },
    "subscriptions": {
        "subscription_item_id": "{id}",
        "valid_from": "2026-03-01",
        "subscription_id": "{id}-contract",
        "account_id": "{account}",
        "product": "core",
        "quantity": "10",
        "mrr": "100",
        "currency": "USD",
        "discount_pct": "10",
        "billing_status": "paid",
        "term_starts_on": "2026-03-01",
        "term_ends_on": "2027-02-28",
        "change_type": "new",
        "updated_at": "2026-03-01T00:00:00",
    },
    "invoice_lines": {
        "invoice_id": "{id}",
        "line_id": "1",
        "account_id": "{account}",
        "subscription_id": "contract",
        "line_type": "recurring",
        "period_start": "2026-04-01",
        "period_end": "2026-05-01",
        "issued_on": "2026-04-01",
        "due_on": "2026-04-15",
        "paid_on": "2026-04-20",
        "amount": "100",
        "amount_paid": "100",
        "currency": "USD",
        "updated_at": "2026-04-20T00:00:00",
    },
    "survey_responses": {
        "response_id": "{id}",
        "account_id": "{account}",
        "survey": "nps",
        "sent_at": "2026-04-01T12:00:00",
        "responded_at": "2026-04-02T12:00:00",
        "score": "9",
        "comment": "We like it",
    },
    "csm_pulses": {
        "pulse_id": "{id}",
        "account_id": "{account}",
        "csm_id": "ana",
        "pulse": "4",
        "recorded_at": "2026-04-01T12:00:00",
    },
    "engagements": {
        "engagement_id": "{id}",
        "account_id": "{account}",
        "csm_id": "ana",
        "kind": "training",
        "status": "done",
        "occurred_at": "2026-04-01T12:00:00",
        "closed_on": "2026-04-02",
        "updated_at": "2026-04-02T00:00:00",
    },
    "score_overrides": {
        "override_id": "{id}",
        "account_id": "{account}",
        "scorecard": "adoption",
        "grade": "C",
        "author": "ana",
        "reason": "known to leave",
        "created_at": "2026-04-01T12:00:00",
        "expires_on": "2026-06-30",
        "updated_at": "2026-04-01T12:00:00",
    },
}

DATES = (
    *("-infinity", "0001-01-01", "1582-10-15", "1899-12-30", "1900-01-01", "1970-01-01"),
    *("2026-02-28", "2026-05-31", "2026-06-01", "2038-01-19", "2262-04-12", "9999-12-31", "infinity"),
)
FRACTIONS = ("1e300", "-1e300", "1e15", "1e-300", "99.9999999999", "100", "0", "-0.0001", "6.5")
EXTREMES: Mapping[str, tuple[str, ...]] = {
    "date": (*DATES, "5874897-12-31"),
    "timestamp": (*DATES, "9999-12-31T23:59:59.999999", "290000-12-31T23:59:59"),
    "double": FRACTIONS,
    "bigint": ("9223372036854775807", "-9223372036854775808", "-1", "0", "1000000000000"),
    "decimal(18,4)": ("99999999999999.9999", "-99999999999999.9999", "90000000000000", "0.0001", "0", "-0.0001"),
    "boolean": ("true", "false"),
    "varchar": ("", " ", "long " * 5_000, "line\nbreak", 'it\'s "quoted"; --', "{{ 1 / 0 }}", "=cmd|' /C calc'!A0"),
}


def sound_row(table: str, row_id: str, account: str, **values: Any) -> dict[str, Any]:
    """A row that nothing is wrong with, but for the values given."""
    row = {name: value.replace("{id}", row_id).replace("{account}", account) for name, value in SOUND[table].items()}
    return {**row, **values}


def sound_company(accounts: int = 4) -> Rows:
    """Accounts that use the product every day and pay for it."""
    rows: Rows = defaultdict(list)
    rows["csms"].append(sound_row("csms", "ana", ""))
    names = ["acme", *(f"sound-{number}" for number in range(1, accounts))]
    for name in names:
        rows["accounts"].append(sound_row("accounts", name, name))
        rows["subscriptions"].append(sound_row("subscriptions", f"item-of-{name}", name))
        rows["users"].append(sound_row("users", f"user-of-{name}", name))
        rows["support_tickets"].append(sound_row("support_tickets", f"ticket-of-{name}", name))
        rows["usage_events"] += [
            {
                "event_id": f"{name} {day} {event}",
                "account_id": name,
                "user_id": f"user-of-{name}",
                "event_name": event,
                "occurred_at": f"{day}T12:00:00",
            }
            for day in days()
            for event in EVENTS[: 2 + day.day % 4]
        ]
    return rows


def days() -> Iterator[date]:
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += timedelta(days=1)


def rows_of_extremes(contract: Contract) -> Rows:
    """One row for each column and extreme value; each has an account of its own, so that nothing hides another."""
    rows: Rows = defaultdict(list)
    for table in contract.tables.values():
        for number, (column, value) in enumerate(extremes_of(table)):
            row_id = f"{table.name}-{number:03d}"
            # the account table's own rows are the accounts; for others the account is sound
            if table.name != "accounts":
                rows["accounts"].append(sound_row("accounts", row_id, row_id))
            if table.name != "subscriptions":
                rows["subscriptions"].append(sound_row("subscriptions", f"item-of-{row_id}", row_id))
            rows[table.name].append(sound_row(table.name, row_id, row_id, **{column: value or None}))
    return rows


def extremes_of(table: Table) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        for value in EXTREMES[column.data_type]:
            yield column.name, value
