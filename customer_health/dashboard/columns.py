"""Columns that many tables have: the account, its grade, its money, its CSM.

Belongs here: columns that more than one page shows.
Does not belong here: what only one table shows (its page), how a cell is set (tables.py).
"""

from __future__ import annotations

from customer_health.dashboard import markup, tables
from customer_health.dashboard.choices import grade_badges
from customer_health.dashboard.tables import Column
from customer_health.reading.published import Snapshot

# leads to the scorecard that the row is about, where it names one
ACCOUNT = Column(
    "Account", lambda row: markup.account_link(row["account_id"], row["account_name"], row.get("scorecard"))
)
MRR = Column("MRR, USD", tables.number("mrr_usd"), "number")
CSM = Column("CSM", tables.text("csm_name"), "short minor")


def grade(snapshot: Snapshot, name: str = "shown_grade") -> Column:
    """The grade in the column `name` of a row, as a badge."""
    shown = grade_badges(snapshot)
    return Column("Grade", lambda row: shown(row[name]), "short")
