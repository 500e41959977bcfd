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
        """
        with compared as (
            select
                coalesce(old.scorecard, new.scorecard) as scorecard,
                coalesce(old.date_day, new.date_day) as date_day,
                abs(new.health_score - old.health_score) as change,
                new.grade is distinct from old.grade as is_regraded,
                (new.health_score is null) <> (old.health_score is null)
                    or abs(new.health_score - old.health_score) > $tolerance as is_changed
            from (from before.scores where scorecard in (select unnest($scorecards))) as old
            full join (from health.fct_health_scores where scorecard in (select unnest($scorecards))) as new
                on old.account_id = new.account_id and old.date_day = new.date_day and old.scorecard = new.scorecard
        )
        select
            scorecard,
            count(*),
            count(*) filter (is_changed),
            count(*) filter (is_regraded),
            min(date_day) filter (is_changed or is_regraded),
            avg(change),
            avg(change) filter (date_day = $as_of)
        from compared
        group by 1
        order by 1
        """,
        {"scorecards": list(scorecards), "tolerance": TOLERANCE, "as_of": as_of},
    ).fetchall()
    return [ScorecardChange(*row) for row in found]


_HEADLINES = """
    headlines as (
        select
            accounts.account_id,
            accounts.account_name,
            coalesce(accounts.csm_name, 'none') as csm_name,
            coalesce(accounts.mrr_usd, 0) as mrr_usd,
            coalesce(new.scorecard, old.scorecard) as scorecard,
            coalesce(old.override_grade, old.grade) as grade_before,
            coalesce(new.override_grade, new.grade) as grade_after,
            old.health_score as score_before,
            new.health_score as score_after,
            old.scorecard as scorecard_before,
            new.scorecard as scorecard_after,
            old.scorecard_version as version_before,
            new.scorecard_version as version_after,
            old.rule_applied as rule_before,
            new.rule_applied as rule_after
        from build.health.dim_accounts as accounts
        left join (from before.scores where date_day = $as_of and is_primary) as old
            on accounts.account_id = old.account_id
        left join (from health.fct_health_scores where date_day = $as_of and is_primary) as new
            on accounts.account_id = new.account_id
        where old.account_id is not null or new.account_id is not null
    )
"""


def moves(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Move]:
    """Accounts whose headline grade changes on the last day, most MRR first."""
    cursor = connection.execute(
        f"with {_HEADLINES} select * from headlines where grade_before is distinct from grade_after"
        " order by mrr_usd desc, account_id",
        {"as_of": as_of},
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
    found = connection.execute(
        f"""
        with {_HEADLINES},
        stacked as (
            select coalesce(grade_before, 'none') as grade, 1 as before, 0 as after, mrr_usd from headlines
            union all
            select coalesce(grade_after, 'none') as grade, 0 as before, 1 as after, mrr_usd from headlines
        )
        select grade, sum(before), sum(after), sum(before * mrr_usd), sum(after * mrr_usd)
        from stacked
        group by 1
        order by grade = 'none', grade
        """,
        {"as_of": as_of},
    ).fetchall()
    return [GradeShare(*row) for row in found]


def accuracies(connection: duckdb.DuckDBPyConnection, scorecards: Sequence[str]) -> list[Accuracy]:
    """Departures within each horizon, all scorecards together and each that was scored anew."""
    found = connection.execute(
        f"""
        with judged as (
            select * from validation.rpt_score_accuracy
            where outcome = '{JUDGED_BY}' and period = 'all'
                and (scorecard = 'all' or scorecard in (select unnest($scorecards)))
        )
        select
            coalesce(old.scorecard, new.scorecard) as scorecard,
            coalesce(old.horizon_days, new.horizon_days) as horizon_days,
            coalesce(new.accounts_with_outcome, old.accounts_with_outcome),
            old.auc,
            new.auc,
            new.auc - old.auc,
            new.observations = old.observations and new.events = old.events as same_days,
            case when same_days then new.auc_minus_generic_low end,
            case when same_days then new.auc_minus_generic_high end,
            old.lowest_tenth_lift,
            new.lowest_tenth_lift
        from (from judged where predictor = 'scorecard') as new
        full join (from judged where predictor = '{BEFORE}') as old
            on new.scorecard = old.scorecard and new.horizon_days = old.horizon_days
        order by coalesce(old.scorecard, new.scorecard) <> 'all', 1, 2
        """,
        {"scorecards": list(scorecards)},
    ).fetchall()
    return [Accuracy(*row[:6], *row[7:]) for row in found]


def _causes(
    connection: duckdb.DuckDBPyConnection, as_of: date, accounts: Sequence[str]
) -> dict[str, list[tuple[str, float, float]]]:
    """By account: metrics of its headline score, what other weights and other points do to it, largest first.

    The same exact split as in fct_score_changes, between two configurations instead of two days: other points count by
    the mean weight, another weight by how far the points lie from the mean score.
    """
    if not accounts:
        return {}
    # written out, so that points of other accounts are passed over where they are read
    named = ", ".join("'" + account.replace("'", "''") + "'" for account in accounts)
    found = connection.execute(
        f"""
        with {_HEADLINES},
        asked as (
            select *, (score_before + score_after) / 2 as mean_score from headlines
            where account_id in ({named})
        ),
        old as (
            select drivers.account_id, drivers.metric, drivers.points, drivers.effective_weight
            from before.drivers inner join asked
                on drivers.account_id = asked.account_id and drivers.scorecard = asked.scorecard_before
            where drivers.date_day = $as_of and drivers.account_id in ({named})
        ),
        new as (
            select drivers.account_id, drivers.metric, drivers.points, drivers.effective_weight
            from health.fct_score_drivers as drivers inner join asked
                on drivers.account_id = asked.account_id and drivers.scorecard = asked.scorecard_after
            where drivers.date_day = $as_of and drivers.account_id in ({named})
        ),
        moved as (
            select
                coalesce(old.account_id, new.account_id) as account_id,
                coalesce(old.metric, new.metric) as metric,
                coalesce(old.effective_weight, 0) as weight_before,
                coalesce(new.effective_weight, 0) as weight_after,
                coalesce(old.points, new.points) as points_before,
                coalesce(new.points, old.points) as points_after
            from old full join new on old.account_id = new.account_id and old.metric = new.metric
        )
        select
            moved.account_id,
            coalesce(metrics.label, moved.metric),
            (weight_after - weight_before) * ((points_before + points_after) / 2 - mean_score) as by_weight,
            (weight_before + weight_after) / 2 * (points_after - points_before) as by_points
        from moved
        inner join asked on moved.account_id = asked.account_id
        left join configuration.metrics on moved.metric = metrics.metric
        where points_before is not null and mean_score is not null
        order by moved.account_id, abs(by_weight + by_points) desc, 2
        """,
        {"as_of": as_of},
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
