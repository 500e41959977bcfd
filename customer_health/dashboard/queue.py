"""The work queue as a table, on every page that shows it.

Belongs here: how a step of the queue, or an early intervention, is told.
Does not belong here: who is in the queue and in which order (models/marts/journey).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from customer_health.dashboard import columns, frame, markup, tables
from customer_health.dashboard.tables import Column
from customer_health.reading import book, words
from customer_health.reading.published import Row, Snapshot


def queue(snapshot: Snapshot, csm_id: str | None) -> None:
    """What is to be done this week: of one CSM with their hours, or of everybody."""
    rows = book.work_queue(snapshot, csm_id)
    everybody = "the next value moment of each account, cut to everybody's hours"
    frame.section("Queue for this week", hours_in_words(rows) if csm_id else everybody)
    shown = [
        Column("", tables.number("queue_position"), "number minor"),
        columns.ACCOUNT,
        columns.grade(snapshot),
        Column("Next value moment", _due, "long"),
        Column("What to do", what_to_do, "long"),
        Column("Hours", tables.number("hours", "{:g}"), "number"),
        Column("So far", lambda row: f"{row['hours_so_far']:g} of {row['weekly_hours']:g}", "number minor"),
        columns.MRR,
    ]
    if csm_id is None:
        shown.append(columns.CSM)
    tables.show(rows, shown, "work_queue", empty="Nothing is due, or late, on the path of these accounts.")


def what_to_do(row: Row) -> Markup:
    """The playbook of a step and what it asks for."""
    return markup.above(markup.strong(row["playbook_label"]), row["action"])


def hours_in_words(rows: Sequence[Row]) -> str:
    """The hours of one CSM's week."""
    if not rows:
        return ""
    planned, week, asked = (max(row[name] for row in rows) for name in ("hours_so_far", "weekly_hours", "hours_asked"))
    return f"{planned:g} of {week:g} hours of the week; all that is asked for would take {asked:g}"


def _due(row: Row) -> Markup:
    past = row["days_past_expected"]
    when = f"{words.counted(past, 'day')} past its day" if past > 0 else f"expected {row['expected_on']}"
    status = f"{words.MILESTONE_STATUSES[row['milestone_status']]}, {when}"
    return markup.above(row["milestone_label"], status)
