"""Rows that fill every column of the raw contract, to take columns away from.

Belongs here: one account's rows in all tables, and writing them as landing files without some columns or values.
Does not belong here: what must come of them (test_legal_input.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from customer_health.core.contract import Column, Table, load_contract

CONTRACT = load_contract()
FIRST_DAY = date(2026, 1, 1)
AS_OF = date(2026, 3, 31)
DAYS_OF_USE = 25

Place = tuple[str, str]  # table and column
Rows = dict[str, list[dict[str, str]]]

# what another row, a seed or the day of the build has to know
_VALUES: dict[Place, str] = {
    ("accounts", "parent_account_id"): "everything",
    ("accounts", "segment"): "smb",
    ("accounts", "currency"): "USD",
    ("account_identifiers", "source"): "support",
    ("account_outcomes", "desired_outcome"): "adoption",
    ("account_outcomes", "ended_on"): "",
    ("milestone_plans", "milestone"): "go_live",
    ("users", "deactivated_at"): "",
    ("usage_events", "event_name"): "dashboard_viewed",
    ("support_tickets", "priority"): "normal",
    ("support_tickets", "channel"): "email",
    ("support_tickets", "csat"): "4",
    ("ticket_events", "status"): "reopened",
    ("subscriptions", "billing_status"): "paid",
    ("subscriptions", "valid_from"): str(FIRST_DAY),
    ("subscriptions", "valid_to"): "",
    ("subscriptions", "change_type"): "upsell",
    ("subscriptions", "currency"): "USD",
    ("subscriptions", "term_ends_on"): "2026-05-31",
    ("invoice_lines", "line_type"): "services",
    ("invoice_lines", "currency"): "USD",
    ("invoice_lines", "voided_on"): "",
    ("survey_responses", "survey"): "nps",
    ("survey_responses", "comment"): "A great product, we love it",
    ("engagements", "kind"): "training",
    ("engagements", "desired_outcome"): "adoption",
    ("engagements", "status"): "completed",
    ("score_overrides", "scorecard"): "adoption",
    ("score_overrides", "grade"): "B",
    ("score_overrides", "expires_on"): "2026-05-31",
}
_SHARED = {"csm_id": "csm_1"}


def optional_columns(tables: Iterable[Table] = tuple(CONTRACT.tables.values())) -> list[Place]:
    """Columns that a file may leave out; of two of which one suffices, the user stays."""
    return [
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if not column.required and column.name not in (*table.key, "user_id")
    ]


def rows_of(account: str) -> Rows:
    """At least one row of the account in every table, with a value in nearly every column."""
    rows = {
        table.name: [{column.name: _value(table, column, account) for column in table.columns}]
        for table in CONTRACT.tables.values()
    }
    [event] = rows["usage_events"]
    rows["usage_events"] = [
        {**event, "event_id": f"{event['event_id']}-{number}", "occurred_at": _at(AS_OF - timedelta(days=number))}
        for number in range(DAYS_OF_USE)
    ]
    return rows


def company(accounts: Sequence[str], is_left_empty: Callable[[str, str, str], bool] = lambda *_: False) -> Rows:
    """All rows of some accounts; `is_left_empty` is asked about account, table and column."""
    together: Rows = {name: [] for name in CONTRACT.tables}
    for account in accounts:
        for table, rows in rows_of(account).items():
            together[table] += [
                {column: "" if is_left_empty(account, table, column) else value for column, value in row.items()}
                for row in rows
            ]
    together["csms"] = together["csms"][:1]
    return together


def write(landing: Path, rows: Rows, left_out: Iterable[Place] = (), shout: bool = False) -> None:
    """A CSV file per table, without some columns; `shout` writes their names in capitals, as some exports do."""
    for table, of_table in rows.items():
        columns = [column for column in CONTRACT.table(table).column_names if (table, column) not in set(left_out)]
        path = landing / table / "rows.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.upper() if shout else column for column in columns])
            writer.writerows([row[column] for column in columns] for row in of_table)


def _value(table: Table, column: Column, account: str) -> str:
    if (table.name, column.name) in _VALUES:
        return _VALUES[table.name, column.name]
    if column.name in _SHARED:
        return _SHARED[column.name]
    if column.name == "account_id":
        return account
    if column.name.endswith("_id") or column.name == "line_id":
        return f"{column.name}-{account}"
    if column.time is not None:
        moments = {"event": FIRST_DAY, "dated": FIRST_DAY + timedelta(days=50), "planned": AS_OF + timedelta(days=20)}
        moment = moments[column.time]
        return str(moment) if column.data_type == "date" else _at(moment)
    if column.values:
        return column.values[0]
    return {"boolean": "true", "varchar": column.name}.get(column.data_type, "3")


def _at(day: date) -> str:
    return str(datetime.combine(day, datetime.min.time()) + timedelta(hours=10))
