"""Check a configuration before anything is built: file, line and rule of everything wrong.

Belongs here: how scorecards weigh metrics, their versions, reviews and releases; all checks one after the other.
Does not belong here: columns and types (shape.py), single definitions (definitions.py),
journeys (journeys.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

from customer_health.configuration.cell_checks import check_cells
from customer_health.configuration.definitions import check_definitions, in_force, interval, overlapping
from customer_health.configuration.folder import Configuration, Row, display, load_configuration
from customer_health.configuration.journeys import check_journey
from customer_health.configuration.shape import ERROR, WARN, Violation, as_date, at, check_shape
from customer_health.configuration.sources import check_sources
from customer_health.configuration.variables import number_var
from customer_health.configuration.versions import Version, row_hash, versions
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.core.words import did_you_mean

__all__ = ["SEALS", "Violation", "check_configuration"]

# rules that a sealed version breaks by being another one
SEALS = ("released_version_changed", "released_version_removed")
SIDES = ("proactive", "reactive")
LEADING_SHARE_REASON = "leading share:"
# a score made of these alone is what most companies start with, and what ours must beat
PLAIN_MEASURES = {"logins", "tickets_opened", "nps_score_sum", "nps_responses"}


class Card:
    """One version of a scorecard with its weights; weights scaled so that each side holds half."""

    def __init__(self, row: Row, weights: list[Row], metrics: dict[str, Row]) -> None:
        self.row = row
        self.weights = weights
        self.weighted = [entry for entry in weights if (entry.number("weight") or 0) > 0]
        self.metrics = metrics

    @property
    def title(self) -> str:
        return f"scorecard '{self.row['scorecard']}' version {self.row['version']}"

    def of_side(self, side: str) -> list[Row]:
        return [entry for entry in self.weighted if self._tag(entry, "motion") == side]

    def leading_share(self) -> float:
        """Share of the score's weight on leading metrics, each side scaled to half."""
        leading = 0.0
        present = 0
        for side in SIDES:
            rows = self.of_side(side)
            total = sum(entry.number("weight") or 0 for entry in rows)
            if total > 0:
                present += 1
                leading += (
                    sum(
                        entry.number("weight") or 0 for entry in rows if self._tag(entry, "indicator_type") == "leading"
                    )
                    / total
                )
        return leading / present if present else 0.0

    def measures(self) -> set[str]:
        """What the weighted metrics are counted from, numerators and denominators."""
        return {self._tag(entry, "measure") for entry in self.weighted} | {
            self._tag(entry, "denominator_measure") for entry in self.weighted
        } - {""}

    def _tag(self, entry: Row, column: str) -> str:
        metric = self.metrics.get(entry["metric"])
        return metric[column] if metric else ""


def _cards(configuration: Configuration) -> list[Card]:
    metrics = {row["metric"]: row for row in configuration.rows("metrics")}
    weights: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in configuration.rows("scorecard_metrics"):
        weights[row["scorecard"], row["version"]].append(row)
    return [Card(row, weights[row["scorecard"], row["version"]], metrics) for row in configuration.rows("scorecards")]


# --------------------------------------------------------------------------------------------------- weights
def _check_weight_rows(configuration: Configuration) -> Iterator[Violation]:
    known = {(row["scorecard"], row["version"]) for row in configuration.rows("scorecards")}
    names = {name for name, _ in known}
    with_benchmark = {row["metric"] for row in configuration.rows("benchmarks")}
    metrics = {row["metric"] for row in configuration.rows("metrics")}
    for row in configuration.rows("scorecard_metrics"):
        weight = row.number("weight")
        if weight is not None and weight < 0:
            yield at(
                row, "negative_weight", f"the weight of '{row['metric']}' is {row['weight']}; it cannot be negative"
            )
        if row["scorecard"] in names and (row["scorecard"], row["version"]) not in known:
            message = f"scorecard '{row['scorecard']}' has no version {row['version']} in scorecards.csv"
            yield at(row, "unknown_name", message)
        if row["metric"] in metrics and row["metric"] not in with_benchmark:
            hint = did_you_mean(row["metric"], with_benchmark - metrics)
            yield at(row, "benchmark_missing", f"metric '{row['metric']}' has no row in benchmarks.csv{hint}")


def _check_card(card: Card, leading_share_min: float) -> Iterator[Violation]:
    if not card.weights:
        yield at(card.row, "scorecard_without_metrics", f"{card.title} has no rows in scorecard_metrics.csv")
        return
    total = sum(row.number("weight") or 0 for row in card.weights)
    if abs(total - 100) > 1e-6:
        rows = card.weighted or card.weights
        message = f"the weights of {card.title} total {total:g}, not 100 (lines {rows[0].line} to {rows[-1].line})"
        yield at(rows[0], "weights_total", message)
    for side in SIDES:
        if not card.of_side(side):
            yield at(
                card.row, "side_missing", f"{card.title} has no weight on {side} metrics; half of the score is empty"
            )
    share = card.leading_share()
    if share < leading_share_min and LEADING_SHARE_REASON not in card.row["rationale"].lower():
        message = (
            f"{share:.0%} of the weight of {card.title} is on leading metrics, less than {leading_share_min:.0%};"
            f" shift weight, or give the reason in its rationale after the words '{LEADING_SHARE_REASON}'"
        )
        yield at(card.row, "leading_share_low", message)
    if card.weighted and card.measures() <= PLAIN_MEASURES:
        message = f"{card.title} weighs only sign-ins, willingness to recommend and tickets; these alone rarely predict"
        yield at(card.row, "sources_too_plain", message, WARN)


# -------------------------------------------------------------------------------------- versions and reviews
def _check_champions(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    champions = [row for row in configuration.rows("scorecards") if row["status"] == "champion"]
    scopes: dict[tuple[str, str], list[Row]] = defaultdict(list)
    cards: dict[str, list[Row]] = defaultdict(list)
    for row in champions:
        scopes[row["desired_outcome"], row["segment"]].append(row)
        cards[row["scorecard"]].append(row)
    reported: set[int] = set()
    for (outcome, segment), rows in scopes.items():
        scope = f"'{outcome}'" + (f" in segment '{segment}'" if segment else "")
        for later, earlier in overlapping(rows):
            reported.add(later.line)
            message = (
                f"'{later['scorecard']}' version {later['version']} and '{earlier['scorecard']}' version"
                f" {earlier['version']} (line {earlier.line}) are both champion for {scope} on the same days"
            )
            yield at(later, "champions_overlap", message)
    for scorecard, rows in cards.items():
        for later, earlier in overlapping(rows):
            if later.line not in reported:
                message = f"version {later['version']} of '{scorecard}' overlaps with the one in line {earlier.line}"
                yield at(later, "champions_overlap", message)
        dated = sorted((days, row.line, row) for row in rows if (days := interval(row)))
        for (before, _, _), (after, _, row) in pairwise(dated):
            if before[1] < after[0]:
                message = f"no version of '{scorecard}' scores the days from {before[1]} to {after[0]}"
                yield at(row, "version_gap", message, WARN)
    for row in configuration.rows("desired_outcomes"):
        general = scopes.get((row["desired_outcome"], ""), [])
        if not any(in_force(champion, as_of) for champion in general):
            severity = ERROR if row["is_default"] == "true" else WARN
            message = f"no champion scorecard for all segments scores '{row['desired_outcome']}' on {as_of}"
            yield at(row, "outcome_without_scorecard", message, severity)


def _check_reviews(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    warn_days = number_var(configuration.vars, "review_warn_days")
    error_days = number_var(configuration.vars, "review_error_days")
    for row in configuration.rows("scorecards"):
        due = as_date(row["next_review_on"])
        if row["status"] != "champion" or not in_force(row, as_of) or due is None:
            continue
        overdue = (as_of - due).days
        if overdue >= warn_days:
            severity = ERROR if overdue >= error_days else WARN
            message = f"the review of '{row['scorecard']}' version {row['version']} is {overdue} days overdue"
            yield at(row, "review_overdue", message, severity)


# -------------------------------------------------------------------------------------------------- releases
def _scores_already(version: Version, as_of: date, weighted: set[str]) -> bool:
    if version.kind == "scorecard" and version.rows[0]["status"] != "champion":
        return False
    if version.kind == "benchmark" and version.name not in weighted:
        return False
    return any(in_force(row, as_of) for row in version.rows)


def _check_releases(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    found = versions(configuration)
    released = configuration.rows("released_versions")
    keys = set()
    for row in released:
        key = (row["kind"], row["name"], row["version"])
        keys.add(key)
        version = found.get(key)
        if version is None:
            message = f"{row['kind']} '{row['name']}' version {row['version']} was released, but its rows are gone"
            yield at(row, "released_version_removed", message)
        elif row_hash(version) != row["row_hash"]:
            lines = [entry.line for entry in version.weights]
            where = f" (weights: scorecard_metrics.csv lines {min(lines)} to {max(lines)})" if lines else ""
            message = (
                f"{row['kind']} '{row['name']}' version {row['version']} was released on {row['released_on']} and has"
                f" been edited since{where}; undo the edit and add a new version instead"
            )
            yield at(version.rows[0], "released_version_changed", message)
    weighted = {
        entry["metric"]
        for card in _cards(configuration)
        if card.row["status"] == "champion" and in_force(card.row, as_of)
        for entry in card.weighted
    }
    pending = [found[key] for key in found.keys() - keys if _scores_already(found[key], as_of, weighted)]
    if pending and not released:
        message = f"nothing is released, so edits to the {len(pending)} versions that score today go unnoticed"
        yield Violation(configuration.file("released_versions"), None, "version_not_released", WARN, message)
        return
    for version in pending:
        message = f"{version.kind} '{version.name}' version {version.version} scores already, but is not released"
        yield at(version.rows[0], "version_not_released", message, WARN)


# --------------------------------------------------------------------------------------------------- command
def check_configuration(folder: Path, as_of: date | None = None, default: Path = DEFAULT_CONFIG) -> list[Violation]:
    """All violations of a folder, by file and line."""
    return violations_of(load_configuration(folder, default), as_of or datetime.now(UTC).date())


def violations_of(configuration: Configuration, day: date) -> list[Violation]:
    """All violations of a configuration that was read, by file and line."""
    found = list(check_shape(configuration))
    found += check_definitions(configuration, day)
    found += check_sources(configuration)
    found += check_journey(configuration, day)
    found += _check_weight_rows(configuration)
    for card in _cards(configuration):
        found += _check_card(card, number_var(configuration.vars, "leading_share_min"))
    found += _check_champions(configuration, day)
    found += _check_reviews(configuration, day)
    found += _check_releases(configuration, day)
    # a row that is refused already need not be named once more by a rule that knows less of it; that a version is
    # sealed says nothing of what stands in it
    named = {(each.file, each.line) for each in found if each.severity == ERROR and each.rule not in SEALS}
    found += [each for each in check_cells(configuration) if (each.file, each.line) not in named]
    return sorted(set(found), key=lambda violation: (violation.file, violation.line or 0, violation.rule))


def report_configuration(config: Path, as_of: date | None = None, say: Callable[[str], None] = print) -> int:
    """Say what is wrong with a configuration, a line each, and return the number of errors."""
    violations = check_configuration(config, as_of)
    for violation in violations:
        say(str(violation))
    errors = sum(violation.severity == ERROR for violation in violations)
    say(f"{display(config)}: {errors} errors, {len(violations) - errors} warnings")
    return errors
