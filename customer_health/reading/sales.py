"""Questions of those who sell: what is due, who could use more, who would speak for us.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: the book as a whole (book.py), one account (accounts.py), how an answer is shown.

Where a function takes a CSM, None means every account that the reader may see. Money is USD a month.
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading import book
from customer_health.reading.published import Row, Snapshot

RENEWS_BY_ITSELF = ("renews_by_itself", "due, renews by itself")


def renewals(snapshot: Snapshot, csm_id: str | None = None, within_days: int | None = None) -> list[Row]:
    """Terms that end soon, the nearest first: rows of `book.renewals_due` with the headline score's scorecard,
    renewal_probability and its limits (0 to 1, null where nothing can be said), value_at_risk_usd, the money a month
    that is expected to go, and has_to_be_signed."""
    standings = {row["account_id"]: row for row in book.accounts(snapshot, csm_id)}
    due = book.renewals_due(snapshot, csm_id, within_days)
    return [{**row, **_chances(row, standings.get(row["account_id"], {}))} for row in due]


def _chances(due: Row, standing: Row) -> Row:
    chance = standing.get("renewal_probability")
    return {
        "scorecard": standing.get("scorecard"),
        # publications of before have no code
        "has_to_be_signed": due.get("renewal_code", due["renewal_status"]) not in RENEWS_BY_ITSELF,
        "renewal_probability": chance,
        "renewal_probability_low": standing.get("renewal_probability_low"),
        "renewal_probability_high": standing.get("renewal_probability_high"),
        "value_at_risk_usd": (
            None if chance is None or due["mrr_due_usd"] is None else float(due["mrr_due_usd"]) * (1 - chance)
        ),
    }


def growth(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Accounts of the two best grades that lack a product which their outcome asks for: required first, then by size.

    Columns: account_id, account_name, scorecard, shown_grade, health_score, mrr_usd, csm_name, product, importance
    (required, helpful), rationale.
    """
    return snapshot.rows(
        read_sql(__file__, "growth"),
        {"csm": csm_id},
    )


def referenceable(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Accounts of the best grade whose people do not speak badly of us, the highest score first.

    Columns: account_id, account_name, scorecard, shown_grade, health_score, mrr_usd, csm_name, pulse (1 to 5, null),
    nps (0 to 10, null), reference_calls and case_studies of a year (null where not recorded).
    """
    return snapshot.rows(
        read_sql(__file__, "referenceable"),
        {"csm": csm_id, "day": snapshot.as_of},
    )
