"""Whom to help before anything turns red, and what each CSM can do this week.

Belongs here: the list of healthy accounts off their path, and the work queue.
Does not belong here: what the path of an account looks like (account.py), learned norms (journey.py).
"""

from __future__ import annotations

from markupsafe import Markup

from customer_health.dashboard import columns, frame, markup, tables
from customer_health.dashboard.choices import pick_csm
from customer_health.dashboard.queue import queue, what_to_do
from customer_health.dashboard.tables import Column
from customer_health.reading import book, words
from customer_health.reading.published import Row, Snapshot


def show(snapshot: Snapshot) -> None:
    frame.heading("What to do", "Help early: healthy accounts that left their path, and the week of each CSM")
    csm_id = pick_csm(snapshot)
    _early(snapshot, csm_id)
    queue(snapshot, csm_id)


def _early(snapshot: Snapshot, csm_id: str | None) -> None:
    rows = book.early_interventions(snapshot, csm_id)
    at_stake = sum({row["account_id"]: row["mrr_at_stake_usd"] or 0 for row in rows}.values())
    frame.section(
        "Early interventions",
        f"{words.counted(len(rows), 'step')} for healthy accounts, {words.usd(at_stake)} a month at stake"
        if rows
        else "",
    )
    tables.show(
        rows,
        [
            Column("", tables.number("priority"), "number minor"),
            columns.ACCOUNT,
            columns.grade(snapshot, "grade"),
            Column("Off the path", _off_the_path, "long"),
            Column("What to do", what_to_do, "long"),
            Column("Hours", tables.number("hours", "{:g}"), "number"),
            Column("MRR, USD", tables.number("mrr_at_stake_usd"), "number"),
            columns.CSM,
        ],
        "early_interventions",
        "Ordered by revenue at stake times lateness; lateness counts for half a year at most.",
        "No healthy account is off its path. Nothing has to be saved before it burns.",
    )


def _off_the_path(row: Row) -> Markup:
    late = f"{words.counted(row['days_late'], 'day')} late, expected {row['expected_on']}"
    return markup.above(row["milestone_label"], late)
