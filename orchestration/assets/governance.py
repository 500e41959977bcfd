"""What people look at now and then: did the scores come true, and which scorecards have to be reviewed?

Belongs here: both as assets, so that they have a place, a history and a check.
Does not belong here: how well a score predicts (marts/validation), when a review is overdue
(customer_health/configuration/scorecards.py).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg

from customer_health.configuration.definitions import in_force
from customer_health.configuration.folder import load_configuration
from customer_health.configuration.shape import as_date
from customer_health.core.settings import Settings
from customer_health.publication.publish import current
from customer_health.reading.published import opened

GROUP = "governance"
OWNERS = ["team:customer_success"]
SOON = timedelta(days=92)
ACCURACY = "validation.rpt_score_accuracy"
ACCURACY_SQL = f"""
select horizon_days, events, auc, auc_low, auc_high, lowest_tenth_lift, red_multiple
from {ACCURACY}
where scorecard = 'all' and predictor = 'scorecard' and outcome = 'churned' and period = 'all'
order by horizon_days
"""


def governance_assets(settings: Settings, validation: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The assets; `validation` are the marts that say how well scores predict."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        deps=["publication", *validation],
        check_specs=[
            dg.AssetCheckSpec(
                "tells_more_than_chance",
                asset="score_validation",
                description="Over all horizons, the area under the curve lies above one half with all of its interval.",
            )
        ],
        description="How well the published scores told those who left from those who stayed.",
    )
    def score_validation() -> dg.MaterializeResult:
        rows = accuracy(settings.warehouse)
        head = ["horizon", "events", "AUC", "from", "to", "lift of the lowest tenth", "red over base rate"]
        table = [head, ["---"] * len(head), *([_shown(value) for value in row] for row in rows)]
        text = "\n".join(f"| {' | '.join(row)} |" for row in table) if rows else "nothing could be judged yet"
        doubtful = [row[0] for row in rows if row[3] is None or row[3] <= 0.5]
        return dg.MaterializeResult(
            metadata={"accuracy": dg.MetadataValue.md(text)},
            check_results=[
                dg.AssetCheckResult(
                    check_name="tells_more_than_chance",
                    passed=bool(rows) and not doubtful,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"no better than chance at": ", ".join(f"{days} days" for days in doubtful) or "none"},
                )
            ],
        )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        deps=[["configuration", "scorecards"]],
        check_specs=[
            dg.AssetCheckSpec(
                "none_is_due", asset="scorecard_reviews", description="No review of a champion falls into this quarter."
            )
        ],
        description="The champions of today with the day of their next review, the most urgent first.",
    )
    def scorecard_reviews(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        today = datetime.now(UTC).date()
        rows = upcoming_reviews(settings.config, today)
        due = [line for day, line in rows if day <= today + SOON]
        for line in due:
            context.log.warning(line)
        listed = "\n".join(f"- {line}" for _, line in rows) or "no champion has a day of review"
        yield dg.MaterializeResult(
            metadata={"reviews": dg.MetadataValue.md(listed)},
            check_results=[
                dg.AssetCheckResult(
                    check_name="none_is_due",
                    passed=not due,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"due": "; ".join(due) or "none"},
                )
            ],
        )

    return [score_validation, scorecard_reviews]


def accuracy(warehouse: Path) -> list[tuple]:
    """Horizon, events, area with its interval, lifts: what the current publication says about all headline scores."""
    publication = current(warehouse)
    if publication is None or ACCURACY not in publication.row_counts:
        return []
    with opened(warehouse, publication.file) as con:
        return con.execute(ACCURACY_SQL).fetchall()


def upcoming_reviews(config: Path, today: date) -> list[tuple[date, str]]:
    """The champions in force, by the day of their next review."""
    found = []
    for row in load_configuration(config).rows("scorecards"):
        due = as_date(row["next_review_on"])
        if due and row["status"] == "champion" and in_force(row, today):
            when = f"was due on {due}" if due < today else f"is due on {due}"
            found.append((due, f"the review of {row['scorecard']} version {row['version']} {when}"))
    return sorted(found)


def _shown(value: float | int | None) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
