"""Tables and bars of the portfolio that more than one role reads.

Belongs here: the list of accounts, the book by grade.
Does not belong here: what only one role reads (csm.py, executive.py, product.py, sales.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from customer_health.dashboard import columns, markup, tables, theme
from customer_health.dashboard.tables import Column
from customer_health.reading import book, words
from customer_health.reading.published import Row, Snapshot

ACCOUNT_COLUMNS = (
    "account_id",
    "account_name",
    "scorecard",
    "shown_grade",
    "health_score",
    "change_28d_points",
    "main_cause_28d",
    "next_step",
    "mrr_usd",
    "score_coverage",
    "csm_name",
)


def accounts(snapshot: Snapshot, rows: Sequence[Row], name: str, caption: str, empty: str, first: int = 25) -> None:
    """Accounts with how they stand and what to do, as a table with CSV."""
    tables.show(
        [{column: row[column] for column in ACCOUNT_COLUMNS} for row in rows],
        [
            columns.ACCOUNT,
            columns.grade(snapshot),
            Column("Score", tables.number("health_score", "{:.1f}"), "number"),
            Column("28 days", _change, "number"),
            Column("Why, and what next", _why, "long"),
            columns.MRR,
            columns.CSM,
        ],
        name,
        caption,
        empty,
        first,
    )


def grade_bars(snapshot: Snapshot, csm_id: str | None = None) -> Markup:
    """The book by grade: a bar for accounts, with accounts and money in figures."""
    found = {row["grade"]: row for row in book.by_grade(snapshot, csm_id)}
    grades = [(row["grade"], row) for row in book.grades(snapshot)]
    if None in found:
        grades.append((None, {"grade_label": None, "colour": None}))
    most = max((row["accounts"] for row in found.values()), default=0) or 1
    money = sum(row["mrr_usd"] or 0 for row in found.values()) or 1
    lines = []
    for grade, meaning in grades:
        row = found.get(grade, {"accounts": 0, "mrr_usd": 0})
        share = words.percent(100 * float(row["mrr_usd"] or 0) / float(money))
        lines.append(
            {
                "badge": markup.badge(grade, meaning["grade_label"], meaning["colour"]),
                "width": 100 * row["accounts"] / most,
                "fill": theme.sound_colour(meaning["colour"]) if grade else theme.LINE,
                "accounts": row["accounts"],
                "money": f"{words.usd(row['mrr_usd'])} ({share})",
            }
        )
    return markup.macros("grade_bars.html.j2").grade_bars(lines)


def _change(row: Row) -> str:
    return "–" if row["change_28d_points"] is None else words.signed(row["change_28d_points"])


def _why(row: Row) -> Markup:
    cause, step = row["main_cause_28d"], row["next_step"]
    return markup.subtitle(step) if cause in (None, "hardly any change") else markup.above(cause, step)
