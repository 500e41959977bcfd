"""The head of the account page: how healthy, what next, how sure.

Belongs here: what these three answers rest on. Their cards are templates/account_head.html.j2.
Does not belong here: why it is so (parts.py), which scorecard (dashboard/pages/account.py).
"""

from __future__ import annotations

from markupsafe import Markup

from customer_health.dashboard.markup import badge, macros
from customer_health.reading import accounts, words
from customer_health.reading.published import Row, Snapshot


def head(snapshot: Snapshot, standing: Row) -> Markup:
    """Three cards side by side."""
    return macros("account_head.html.j2").head(
        standing,
        badge(standing["shown_grade"], standing["grade_label"], standing["colour"], "large"),
        accounts.next_milestone_step(snapshot, standing["account_id"]),
        _freshness(snapshot, standing),
        words,
    )


def _freshness(snapshot: Snapshot, standing: Row) -> str:
    sources = accounts.freshness(snapshot, standing["scorecard"], standing["scorecard_version"])
    old = [row for row in sources if row["last_measured_on"] < snapshot.as_of]
    if not sources:
        return "When its sources last delivered is not known."
    if not old:
        return f"All {words.counted(len(sources), 'source')} delivered facts of {snapshot.as_of}."
    said = ", ".join(f"{row['source']} of {row['last_measured_on']}" for row in old)
    return f"Newest facts: {said}; the others of {snapshot.as_of}."
