"""Questions about the days before: which scores moved and by what, what went well, which judgements run out.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: how things stand today (book.py, sales.py), one account (accounts.py), how an answer is shown.

Where a function takes a CSM, None means every account that the reader may see. Money is USD a month.
"""

from __future__ import annotations

from datetime import timedelta

from customer_health.core.sql import read_sql
from customer_health.reading.current import seen_in_words
from customer_health.reading.published import Row, Snapshot

# half the width of a grade and less: smaller moves come and go
BIG_MOVE_POINTS = 5.0
DAYS = 7


def moves(snapshot: Snapshot, csm_id: str | None = None, days: int = DAYS) -> list[Row]:
    """Headline scores that changed their grade or moved by BIG_MOVE_POINTS, the most money first.

    Columns: account_id, account_name, csm_id, csm_name, mrr_usd, scorecard, score_before, score_now, grade_before,
    grade_now (null where there was no score), change_points (null if either is), cause_effect, cause_label (null for an
    effect of the whole score), cause_points, shown_grade, grade_label, next_step. The cause is the largest effect that
    goes the way of the change.

    Args:
        days: 7, 28 or 90, the spans that health.rpt_score_changes knows.
    """
    return snapshot.rows(
        read_sql(__file__, "moves", in_words=seen_in_words(snapshot)),
        {
            "csm": csm_id,
            "day": snapshot.as_of,
            "before": snapshot.as_of - timedelta(days=days),
            "days": days,
            "points": BIG_MOVE_POINTS,
        },
    )


def wins(snapshot: Snapshot, csm_id: str | None = None, days: int = DAYS) -> list[Row]:
    """What customers reached: values of their path, renewals and expansions, the most money first.

    Columns: account_id, account_name, csm_id, mrr_usd, happened_on, kind (value, renewed, expanded), label (of the
    milestone; null otherwise). Of several renewals of an account the last one stands for all.
    """
    return snapshot.rows(
        read_sql(__file__, "wins"),
        {"csm": csm_id, "day": snapshot.as_of, "before": snapshot.as_of - timedelta(days=days)},
    )


def pulses_due(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Customers whose last judgement by their CSM is too old to count, or who never had one, the most money first.

    Columns: account_id, account_name, csm_id, mrr_usd, value_status (stale, not_instrumented), max_age_days.
    """
    return snapshot.rows(
        read_sql(__file__, "pulses_due"),
        {"csm": csm_id, "day": snapshot.as_of},
    )
