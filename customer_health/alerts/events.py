"""What deserves an alert: events read from the published file and from what is known about publications.

Belongs here: the kinds of events, when one happened, its stable id, its text in plain words.
Does not belong here: what has been told already (store.py), or how it is sent (delivery.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from customer_health.core.safe_text import plain
from customer_health.core.sql import read_sql
from customer_health.reading.current import HAS_SENTENCES, in_words
from customer_health.reading.words import usd

SEVERITIES = ("error", "warn", "info")
# judged from scores, so silent while the scores are not of today
SCORE_KINDS = frozenset({"grade_change", "fast_drop", "early_intervention"})
# read from the published file, so a newer one may no longer show them
PUBLISHED_KINDS = SCORE_KINDS | {"override_expiring", "review_overdue"}
OVERRIDE_NOTICE_DAYS = 7


@dataclass(frozen=True)
class Event:
    """One thing to tell, once. `account_id` and `csm_id` are empty where it is about the whole company."""

    event_id: str
    kind: str
    severity: str
    entity: str
    day: str
    account_id: str | None
    csm_id: str | None
    csm_name: str | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def event_id(kind: str, entity: str, day: date, change: str) -> str:
    """The same for the same happening, whatever else is known about it on the day on which it is told."""
    parts = (kind, entity, day.isoformat(), change)
    return hashlib.sha256("".join(f"{len(part)}:{part};" for part in parts).encode()).hexdigest()[:32]


def make_event(
    kind: str,
    severity: str,
    entity: str,
    day: date,
    change: str,
    text: str,
    *,
    account_id: str | None = None,
    csm: tuple[str | None, str | None] = (None, None),
) -> Event:
    identity = event_id(kind, entity, day, change)
    return Event(identity, kind, severity, entity, day.isoformat(), account_id, csm[0], csm[1], text)


def last_published_day(con: duckdb.DuckDBPyConnection) -> date | None:
    return con.execute("select max(date_day) from health.fct_health_scores").fetchall()[0][0]


def published_events(con: duckdb.DuckDBPyConnection, first_day: date, last_day: date) -> list[Event]:
    """Everything that the published file tells of these days, and of its last day where only that is kept."""
    return [
        *_grade_changes(con, first_day, last_day),
        *_fast_drops(con),
        *_early_interventions(con),
        *_expiring_overrides(con, last_day),
        *_overdue_reviews(con),
    ]


def _rows(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    found = con.execute(sql, parameters)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _in_words(con: duckdb.DuckDBPyConnection) -> str:
    return in_words(con.execute(HAS_SENTENCES).fetchall()[0][0])


def _grade_changes(con: duckdb.DuckDBPyConnection, first_day: date, last_day: date) -> list[Event]:
    """Changes of the confirmed grade; a day after a gap begins anew and changes nothing."""
    rows = _rows(
        con,
        read_sql(__file__, "grade_changes", in_words=_in_words(con)),
        {"first_day": first_day, "last_day": last_day},
    )
    events = []
    for row in rows:
        fell = row["steps"] < 0
        severity = "error" if fell and (row["is_lowest"] or row["steps"] < -1) else "warn" if fell else "info"
        scores = f", score {_score(row['score_now'])} ({_score(row['score_week_ago'])} a week before)"
        cause = f". Main cause in 28 days: {plain(row['cause'])}" if row["cause"] else ""
        text = (
            f"Grade {'down' if fell else 'up'}: {_account(row)} went from {plain(row['grade_before'])} to"
            f" {plain(row['grade_now'])} on {row['date_day']}{scores}, MRR {usd(row['mrr_usd'])}{cause}"
        )
        events.append(_about_account(row, "grade_change", severity, row["date_day"], _change(row), text))
    return events


def _change(row: dict[str, Any]) -> str:
    return f"{row['grade_before']}>{row['grade_now']}"


def _fast_drops(con: duckdb.DuckDBPyConnection) -> list[Event]:
    rows = _rows(
        con,
        "select account_id, scorecard, account_name, csm_id, csm_name, mrr_usd, fast_drop_since_on, health_score,"
        f" score_28d_ago, change_28d_points, main_cause_28d, next_step from {_in_words(con)}"
        " where is_fast_drop and fast_drop_since_on is not null order by account_id, scorecard",
    )
    events = []
    for row in rows:
        text = (
            f"Fast drop: {_account(row)} fell to {_score(row['health_score'])}"
            f" ({_signed(row['change_28d_points'])} points in 28 days), falling fast since"
            f" {row['fast_drop_since_on']}, MRR {usd(row['mrr_usd'])}. Main cause: {plain(row['main_cause_28d'])}."
            f" Next step: {plain(row['next_step'])}"
        )
        events.append(_about_account(row, "fast_drop", "warn", row["fast_drop_since_on"], "began", text))
    return events


def _early_interventions(con: duckdb.DuckDBPyConnection) -> list[Event]:
    rows = _rows(
        con,
        "select account_id, scorecard, account_name, csm_id, csm_name, desired_outcome, grade, health_score, milestone,"
        " milestone_label, expected_on, days_late, mrr_at_stake_usd as mrr_usd, playbook_label, action"
        " from journey.rpt_early_interventions where expected_on is not null order by priority",
    )
    events = []
    for row in rows:
        step = f". Playbook: {plain(row['playbook_label'])}: {plain(row['action'])}" if row["playbook_label"] else ""
        text = (
            f"Healthy but off its path: {_account(row)} has grade {plain(row['grade'])} and is {row['days_late']} days"
            f" late on '{plain(row['milestone_label'])}', expected by {row['expected_on']},"
            f" MRR at stake {usd(row['mrr_usd'])}{step}"
        )
        change = f"{row['desired_outcome']}/{row['milestone']}"
        events.append(_about_account(row, "early_intervention", "warn", row["expected_on"], change, text))
    return events


def _expiring_overrides(con: duckdb.DuckDBPyConnection, last_day: date) -> list[Event]:
    rows = _rows(
        con,
        "select account_id, scorecard, account_name, csm_id, csm_name, override_grade, grade, override_expires_on,"
        " override_expires_on - ? as days_left from health.rpt_account_health_current"
        " where override_grade is not null and override_expires_on <= ? order by account_id, scorecard",
        [last_day, last_day + timedelta(days=OVERRIDE_NOTICE_DAYS)],
    )
    events = []
    for row in rows:
        text = (
            f"Override ends: the grade {plain(row['override_grade'])} given by a person to {_account(row)} ends on"
            f" {row['override_expires_on']}, in {_days(row['days_left'])}; the computed grade is"
            f" {plain(row['grade'] or 'not known')}"
        )
        given = str(row["override_grade"])
        events.append(_about_account(row, "override_expiring", "info", row["override_expires_on"], given, text))
    return events


def _overdue_reviews(con: duckdb.DuckDBPyConnection) -> list[Event]:
    rows = _rows(
        con,
        "select scorecard, scorecard_version, next_review_on, (select max(date_day) from health.fct_health_scores)"
        " - next_review_on as days_over from health.dim_scorecards where is_in_force and is_review_overdue"
        " order by scorecard, scorecard_version",
    )
    return [
        make_event(
            "review_overdue",
            "warn",
            f"{row['scorecard']}/{row['scorecard_version']}",
            row["next_review_on"],
            "overdue",
            f"Review overdue: scorecard {plain(row['scorecard'])} version {row['scorecard_version']} was to be reviewed"
            f" by {row['next_review_on']}, {_days(row['days_over'])} ago",
        )
        for row in rows
    ]


def _about_account(row: dict[str, Any], kind: str, severity: str, day: date, change: str, text: str) -> Event:
    entity = f"{row['account_id']}/{row['scorecard']}"
    csm = (row["csm_id"], row["csm_name"])
    return make_event(kind, severity, entity, day, change, text, account_id=row["account_id"], csm=csm)


def _account(row: dict[str, Any]) -> str:
    return f"{plain(row['account_name'] or row['account_id'])} ({plain(row['account_id'])}, {plain(row['scorecard'])})"


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"


def _signed(points: float | None) -> str:
    return "unknown" if points is None else f"{points:+.1f}"


def _days(number: int) -> str:
    return f"{number} day" if abs(number) == 1 else f"{number} days"
