"""Questions about one account: how it stands, why, what moved it, where it is on its path, how sure that is.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: many accounts (book.py), opening the publication (published.py), how an answer is shown.

An account that the reader may not see, or that does not exist, has no rows. Scores, points and contributions are exact;
rounding is the business of whoever shows them.
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.current import seen_in_words
from customer_health.reading.published import Row, Snapshot

DAYS_BACK = (7, 28, 90)


def find(snapshot: Snapshot, words: str, limit: int = 12) -> list[Row]:
    """Accounts whose name or id holds some words, today's customers and the largest first.

    Columns: account_id, account_name, segment, csm_name, is_customer, mrr_usd, last_customer_on.
    """
    return snapshot.rows(
        """
        select account_id, account_name, segment, csm_name, is_customer, mrr_usd, last_customer_on
        from health.dim_accounts
        where contains(lower(account_name), lower($words)) or contains(lower(account_id), lower($words))
        order by is_customer desc, mrr_usd desc nulls last, account_id
        limit $limit
        """,
        {"words": words.strip(), "limit": limit},
    )


def account(snapshot: Snapshot, account_id: str) -> Row | None:
    """What an account is: its row of health.dim_accounts."""
    return snapshot.row("select * from health.dim_accounts where account_id = $account", {"account": account_id})


def standings(snapshot: Snapshot, account_id: str) -> list[Row]:
    """How an account stands on each of its scorecards, the headline first: rows of rpt_account_health_current, with the
    sentences of rpt_account_health_in_words, desired_outcome, scorecard_version, colour of the grade and days_ahead on
    the path (null without one)."""
    return snapshot.rows(
        read_sql(__file__, "standings", in_words=seen_in_words(snapshot)),
        {"account": account_id, "day": snapshot.as_of},
    )


def history(snapshot: Snapshot, account_id: str, scorecard: str) -> list[Row]:
    """Each day of one score, oldest first: date_day, health_score (null where not scored), grade, override_grade,
    score_status, score_coverage, scorecard_version."""
    return snapshot.rows(
        """
        select date_day, health_score, grade, override_grade, score_status, score_coverage, scorecard_version
        from health.fct_health_scores
        where account_id = $account and scorecard = $scorecard
        order by date_day
        """,
        {"account": account_id, "scorecard": scorecard},
    )


def history_marks(snapshot: Snapshot, account_id: str, scorecard: str) -> list[Row]:
    """Days on which more than the customer changed, oldest first: date_day, kind, change_points (null if not a change).

    `kind` is version (another version of the scorecard), configuration (new weights moved the score), benchmark
    (another benchmark applies), restated (a later publication said the scores from this day on differently) or
    publication (the first that was made with another configuration).
    """
    return snapshot.rows(
        read_sql(__file__, "history_marks"),
        {"account": account_id, "scorecard": scorecard},
    )


def contributions(snapshot: Snapshot, account_id: str, scorecard: str) -> list[Row]:
    """What today's score is made of, the largest loss first; what is not known comes last, by its weight.

    One row per weighted metric: metric, label, component, domain, motion, value, unit, aggregation, value_status,
    points (0 to 100), weight, effective_weight (0 to 1), contribution, loss. Contributions sum to the score before
    rules.
    """
    return snapshot.rows(
        read_sql(__file__, "contributions"),
        {"account": account_id, "scorecard": scorecard, "day": snapshot.as_of},
    )


def changes(snapshot: Snapshot, account_id: str, scorecard: str, days_back: int) -> list[Row]:
    """What moved a score within 7, 28 or 90 days, the largest first: effect, metric, label, change_points.

    They sum to the change of the score exactly.
    """
    return snapshot.rows(
        """
        select changes.effect, changes.metric, metrics.label, changes.change_points
        from health.rpt_score_changes as changes
        left join health.dim_metrics as metrics on changes.metric = metrics.metric
        where changes.account_id = $account and changes.scorecard = $scorecard and changes.date_day = $day
            and changes.days_back = $days
        order by abs(changes.change_points) desc, changes.effect, changes.metric
        """,
        {"account": account_id, "scorecard": scorecard, "day": snapshot.as_of, "days": days_back},
    )


def milestones(snapshot: Snapshot, account_id: str, desired_outcome: str) -> list[Row]:
    """The milestones of the path that an account is on now, in the order of the course: rows of journey.fct_milestones,
    with path_starts_on and stage_position. What comes again with each renewal follows in the order of its instances."""
    return snapshot.rows(
        read_sql(__file__, "milestones"),
        {"account": account_id, "outcome": desired_outcome},
    )


def path_today(snapshot: Snapshot, account_id: str, desired_outcome: str) -> Row | None:
    """Where an account is on its path on the last day: its row of journey.fct_journey_days."""
    return snapshot.row(
        "select * from journey.fct_journey_days "
        "where account_id = $account and desired_outcome = $outcome and date_day = $day",
        {"account": account_id, "outcome": desired_outcome, "day": snapshot.as_of},
    )


def sentiment(snapshot: Snapshot, account_id: str) -> list[Row]:
    """What people say, as far as it is known today: metric, label, value, unit, aggregation, points of each sentiment
    metric, weighted or not."""
    return snapshot.rows(
        """
        select points.metric, metrics.label, points.value, metrics.unit, metrics.aggregation, points.points,
            points.value_status
        from health.fct_metric_points as points
        inner join health.dim_metrics as metrics on points.metric = metrics.metric and metrics.domain = 'sentiment'
        where points.account_id = $account and points.date_day = $day
        order by metrics.is_shadow, metrics.label
        """,
        {"account": account_id, "day": snapshot.as_of},
    )


def next_milestone_step(snapshot: Snapshot, account_id: str) -> Row | None:
    """What the week's queue asks for this account, if it is in it: its row of journey.rpt_work_queue."""
    return snapshot.row(
        "select * from journey.rpt_work_queue where account_id = $account order by queue_position",
        {"account": account_id},
    )


def freshness(snapshot: Snapshot, scorecard: str, version: int) -> list[Row]:
    """How new the facts are that a scorecard looks at, the oldest first: source, last_measured_on (of any account)."""
    return snapshot.rows(
        """
        select registry.source, max(registry.last_measured_on) as last_measured_on
        from quality.fct_metric_registry as registry
        inner join health.int_scorecard_weights as weights on registry.metric = weights.metric
        where weights.scorecard = $scorecard and weights.scorecard_version = $version
            and registry.source is not null and registry.last_measured_on is not null
        group by 1
        order by 2, 1
        """,
        {"scorecard": scorecard, "version": version},
    )


def findings(snapshot: Snapshot, account_id: str, scorecard: str, version: int) -> list[Row]:
    """What was found about the metrics of a scorecard, or about this account, the gravest first: finding, severity,
    entity, label, detail. Whoever sees a part of the book only sees none, because findings may name anybody."""
    if snapshot.reader.is_restricted:
        return []
    return snapshot.rows(
        """
        select findings.finding, findings.severity, findings.entity, metrics.label, findings.detail
        from quality.fct_quality_findings as findings
        left join health.int_scorecard_weights as weights
            on findings.entity = weights.metric and weights.scorecard = $scorecard
            and weights.scorecard_version = $version
        left join health.dim_metrics as metrics on weights.metric = metrics.metric
        where weights.metric is not null or findings.entity = $account
        order by case findings.severity when 'error' then 1 when 'warn' then 2 else 3 end, findings.finding, entity
        """,
        {"account": account_id, "scorecard": scorecard, "version": version},
    )
