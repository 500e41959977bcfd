"""What differs between two sets of scores, as numbers.

Belongs here: the questions, each one query over `before` and what was computed anew.
Does not belong here: scoring (rescoring.py), wording (report.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from customer_health.core.sql import quote_texts, read_sql
from customer_health.validation.what_if.rescoring import BEFORE, JUDGED_BY

# scores are equal to 1e-9 wherever they are equal at all
TOLERANCE = 1e-9
REASONS_NAMED = 2
# in points of the score: less cannot be seen in its first decimal
SMALLEST_REASON = 0.05


@dataclass(frozen=True)
class ScorecardChange:
    """One scorecard over all history: days scored, how many of them differ, by how many points on average."""

    scorecard: str
    days: int
    days_changed: int
    days_regraded: int
    first_changed_on: date | None
    mean_change: float | None
    mean_change_today: float | None


@dataclass(frozen=True)
class Move:
    """An account whose headline grade would be another one on the last day. MRR is in USD a month."""

    account_id: str
    account_name: str
    csm_name: str
    mrr_usd: Decimal
    scorecard: str
    grade_before: str | None
    grade_after: str | None
    score_before: float | None
    score_after: float | None
    why: str


@dataclass(frozen=True)
class GradeShare:
    """Accounts and their MRR in USD under one headline grade on the last day, before and after."""

    grade: str
    accounts_before: int
    accounts_after: int
    mrr_before_usd: Decimal
    mrr_after_usd: Decimal


@dataclass(frozen=True)
class Accuracy:
    """How well the scores told those who left, before and after. Areas are 0.5 by luck and 1 at best.

    The limits of the difference are empty where the two judge different days, or too few accounts left.
    """

    scorecard: str
    horizon_days: int
    departures: int
    area_before: float | None
    area_after: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    lift_before: float | None
    lift_after: float | None


def scorecard_changes(
    connection: duckdb.DuckDBPyConnection, scorecards: Sequence[str], as_of: date
) -> list[ScorecardChange]:
    """One row per scorecard that was scored anew."""
    found = connection.execute(
        read_sql(__file__, "scorecard_changes"),
        {"scorecards": list(scorecards), "tolerance": TOLERANCE, "as_of": as_of},
    ).fetchall()
    return [ScorecardChange(*row) for row in found]


def moves(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Move]:
    """Accounts whose headline grade changes on the last day, most MRR first."""
    connection.execute(read_sql(__file__, "headlines"), {"as_of": as_of})
    cursor = connection.execute(
        "select * from headlines where grade_before is distinct from grade_after"
        " order by mrr_usd desc nulls last, account_id"
    )
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    causes = _causes(connection, as_of, [row["account_id"] for row in found])
    return [
        Move(
            *(row[name] for name in ("account_id", "account_name", "csm_name", "mrr_usd", "scorecard")),
            *(row[name] for name in ("grade_before", "grade_after", "score_before", "score_after")),
            _why(row, causes.get(row["account_id"], [])),
        )
        for row in found
    ]


def grade_shares(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[GradeShare]:
    """Every grade that some account has on the last day, before or after, and those without a score."""
    connection.execute(read_sql(__file__, "headlines"), {"as_of": as_of})
    return [GradeShare(*row) for row in connection.execute(read_sql(__file__, "grade_shares")).fetchall()]


def accuracies(connection: duckdb.DuckDBPyConnection, scorecards: Sequence[str]) -> list[Accuracy]:
    """Departures within each horizon, all scorecards together and each that was scored anew."""
    found = connection.execute(
        read_sql(__file__, "accuracies"), {"outcome": JUDGED_BY, "before": BEFORE, "scorecards": list(scorecards)}
    ).fetchall()
    return [Accuracy(*row) for row in found]


def _causes(
    connection: duckdb.DuckDBPyConnection, as_of: date, accounts: Sequence[str]
) -> dict[str, list[tuple[str, float, float]]]:
    """By account: metrics of its headline score, what other weights and other points do to it, largest first."""
    if not accounts:
        return {}
    found = connection.execute(
        read_sql(__file__, "causes", accounts=quote_texts(accounts)), {"as_of": as_of}
    ).fetchall()
    causes: dict[str, list[tuple[str, float, float]]] = {}
    for account_id, label, by_weight, by_points in found:
        causes.setdefault(account_id, []).append((label, by_weight, by_points))
    return causes


def _why(row: dict[str, Any], causes: Sequence[tuple[str, float, float]]) -> str:
    """What moved a grade, in words."""
    parts = []
    if row["scorecard_before"] != row["scorecard_after"]:
        parts.append(
            f"scored by {row['scorecard_after'] or 'nothing'} instead of {row['scorecard_before'] or 'nothing'}"
        )
    if row["rule_before"] != row["rule_after"]:
        parts.append(
            f"rule {row['rule_after']} decides" if row["rule_after"] else f"rule {row['rule_before']} no longer decides"
        )
    for label, by_weight, by_points in causes[:REASONS_NAMED]:
        if abs(by_weight + by_points) >= SMALLEST_REASON:
            cause = "weight" if abs(by_weight) >= abs(by_points) else "points"
            parts.append(f"{label} {by_weight + by_points:+.1f} (by its {cause})")
    if row["score_before"] is None or row["score_after"] is None:
        return (
            "too little of it is known for a score"
            if row["score_after"] is None
            else "enough of it is known for a score"
        )
    # the score is the same or nearly so: a grade stands until another has held for some days
    return "; ".join(parts) or "the same score: another grade begins there, or was confirmed before"
