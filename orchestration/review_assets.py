"""The quarterly look at which scorecards have to be reviewed: what holds today may mislead in a year.

Belongs here: the list of reviews as an asset, so that it has a place, a history and a check.
Does not belong here: what a review looks at (marts/validation), when one is overdue (configuration_checks.py).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from orchestration.configuration import load_configuration
from orchestration.configuration_definitions import in_force
from orchestration.configuration_shape import as_date
from orchestration.settings import Settings

GROUP = "governance"
SOON = timedelta(days=92)


def review_assets(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        name="scorecard_reviews",
        group_name=GROUP,
        owners=["team:customer_success"],
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
        rows = upcoming(settings, today)
        due = [line for day, line in rows if day <= today + SOON]
        for line in due:
            context.log.warning(line)
        listed = "\n".join(f"- {line}" for _, line in rows) or "no champion has a day of review"
        yield dg.MaterializeResult(
            metadata={"reviews": dg.MetadataValue.md(listed)},
            check_results=[
                dg.AssetCheckResult(
                    passed=not due,
                    check_name="none_is_due",
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"due": "; ".join(due) or "none"},
                )
            ],
        )

    return scorecard_reviews


def upcoming(settings: Settings, today: date) -> list[tuple[date, str]]:
    """The champions in force, by the day of their next review."""
    found = []
    for row in load_configuration(settings.config).rows("scorecards"):
        due = as_date(row["next_review_on"])
        if due and row["status"] == "champion" and in_force(row, today):
            when = f"was due on {due}" if due < today else f"is due on {due}"
            found.append((due, f"the review of {row['scorecard']} version {row['version']} {when}"))
    return sorted(found)
