"""Check the journeys of a configuration: stages, milestones and their clocks, playbooks, journey metrics.

A configuration without milestones is valid: its accounts have no path, and its journey metrics say so.

Belongs here: what a milestone may rest on, what a path must hold, whether its clocks can run.
Does not belong here: columns and types (shape.py), releases (scorecards.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from customer_health.configuration.definitions import in_force, interval, overlapping
from customer_health.configuration.folder import Configuration, Row
from customer_health.configuration.shape import WARN, Violation, at
from customer_health.core.words import did_you_mean

JOURNEY = "journey"
ALL = "all"
FEWEST_MILESTONES = 6
MOST_MILESTONES = 10


@dataclass(frozen=True)
class Path:
    """The milestones of one outcome as a segment sees them on a day, in order."""

    outcome: str
    segment: str
    milestones: tuple[Row, ...]

    @property
    def title(self) -> str:
        return f"the path to '{self.outcome}'" + (f" of segment '{self.segment}'" if self.segment else "")


# --------------------------------------------------------------------------------------- what it is reached by
def _sources(configuration: Configuration) -> dict[str, str]:
    return {row["measure"]: row["source"] for row in configuration.rows("measures")}


def _operands(metric: Row) -> set[str]:
    return {metric["measure"], metric["denominator_measure"]} - {""}


def _is_journey(metric: Row, sources: dict[str, str]) -> bool:
    return any(sources.get(measure) == JOURNEY for measure in _operands(metric))


def _check_metric(row: Row, metric: Row, sources: dict[str, str], passive: set[str]) -> Iterator[Violation]:
    name = row["metric"]
    if _is_journey(metric, sources):
        message = f"metric '{name}' is made from milestones itself; a milestone rests on metrics of source data only"
        yield at(row, "milestone_on_journey", message)
    if passive & _operands(metric):
        yield at(row, "passive_not_proactive", f"metric '{name}' counts passive check-ins, which reach no milestone")
    if metric["applies_to_outcome"] not in ("", row["desired_outcome"]):
        message = f"metric '{name}' exists for outcome '{metric['applies_to_outcome']}' only"
        yield at(row, "milestone_unreachable", message)
    known_from = max(metric.number(column) or 0 for column in ("min_history_days", "applies_from_tenure_days"))
    late_after = row.number("late_after_day")
    if row["clock"] == "subscription_start" and late_after is not None and late_after < known_from:
        message = f"metric '{name}' has no value before day {known_from:.0f}, but the milestone is late after day"
        yield at(row, "milestone_unreachable", f"{message} {row['late_after_day']}")
    end = metric.number("applies_to_tenure_days")
    if row["clock"] == "subscription_start" and end is not None and (row.number("expected_day") or 0) >= end:
        message = f"metric '{name}' has no value from day {end:.0f} on, but the milestone is expected on day"
        yield at(row, "milestone_unreachable", f"{message} {row['expected_day']}")


def _check_measure(row: Row, measure: Row, passive: set[str]) -> Iterator[Violation]:
    name = row["measure"]
    if measure["source"] == JOURNEY:
        message = f"measure '{name}' is made from milestones itself; a milestone rests on measures of source data only"
        yield at(row, "milestone_on_journey", message)
    elif measure["kind"] == "date":
        message = f"measure '{name}' is a date; compare a metric that counts days (age_days) instead"
        yield at(row, "milestone_evidence", message)
    if name in passive:
        yield at(row, "passive_not_proactive", f"measure '{name}' counts passive check-ins, which reach no milestone")


def check_evidence(configuration: Configuration) -> Iterator[Violation]:
    """Milestones that rest on nothing, on two things, on the journey itself, or on what cannot be known in time."""
    metrics = {row["metric"]: row for row in configuration.rows("metrics")}
    measures = {row["measure"]: row for row in configuration.rows("measures")}
    sources = _sources(configuration)
    passive = {row["measure"] for row in configuration.rows("engagement_measures") if row["is_passive"] == "true"}
    passive.discard("")
    for row in configuration.rows("milestones"):
        if row["metric"] and row["measure"]:
            yield at(row, "milestone_evidence", f"'{row['milestone']}' names a metric and a measure; it rests on one")
        elif not row["metric"] and not row["measure"]:
            message = f"'{row['milestone']}' names neither a metric nor a measure, so nothing would ever reach it"
            yield at(row, "milestone_evidence", message)
        if metric := metrics.get(row["metric"]):
            yield from _check_metric(row, metric, sources, passive)
        if measure := measures.get(row["measure"]):
            yield from _check_measure(row, measure, passive)


# -------------------------------------------------------------------------------------- rows and what they name
def _check_days(row: Row) -> Iterator[Violation]:
    expected, late_after = row.number("expected_day"), row.number("late_after_day")
    if expected is not None and expected < 0:
        yield at(row, "out_of_range", f"expected_day {row['expected_day']} is negative; a clock runs forwards only")
    if expected is not None and late_after is not None and late_after < expected:
        message = f"late_after_day {row['late_after_day']} is before expected_day {row['expected_day']}"
        yield at(row, "late_before_expected", message)


def _check_names(row: Row, stages: set[tuple[str, str]], playbooks: dict[str, Row]) -> Iterator[Violation]:
    stage, outcome = row["stage"], row["desired_outcome"]
    if stage in {name for name, _ in stages} and (stage, outcome) not in stages:
        hint = did_you_mean(stage, (name for name, owner in stages if owner == outcome))
        yield at(row, "unknown_name", f"outcome '{outcome}' has no stage '{stage}' in stages.csv{hint}")
    playbook = playbooks.get(row["playbook"])
    if playbook and playbook["desired_outcome"] not in (ALL, outcome):
        message = (
            f"playbook '{row['playbook']}' serves outcome '{playbook['desired_outcome']}',"
            f" so it cannot be proposed for '{outcome}'"
        )
        yield at(row, "playbook_of_other_outcome", message)


def _check_versions(rows: list[Row], title: str) -> Iterator[Violation]:
    for later, earlier in overlapping(rows):
        message = (
            f"{title} version {later['version']} overlaps with version {earlier['version']} in line {earlier.line}"
        )
        yield at(later, "milestones_overlap", message)
    dated = sorted((days, row.line, row) for row in rows if (days := interval(row)))
    for (before, _, _), (after, _, row) in pairwise(dated):
        if before[1] < after[0]:
            yield at(row, "version_gap", f"{title} is not on the path from {before[1]} to {after[0]}", WARN)


def check_milestones(configuration: Configuration) -> Iterator[Violation]:
    """Rows with impossible days, names of another outcome, or two versions at once."""
    stages = {(row["stage"], row["desired_outcome"]) for row in configuration.rows("stages")}
    playbooks = {row["playbook"]: row for row in configuration.rows("playbooks")}
    scopes: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in configuration.rows("milestones"):
        yield from _check_days(row)
        yield from _check_names(row, stages, playbooks)
        scopes[row["milestone"], row["desired_outcome"], row["segment"]].append(row)
    for (milestone, outcome, segment), rows in scopes.items():
        scope = f"'{outcome}'" + (f" in segment '{segment}'" if segment else "")
        yield from _check_versions(rows, f"milestone '{milestone}' of {scope}")


def check_playbooks(configuration: Configuration) -> Iterator[Violation]:
    """Playbooks of unknown outcomes, or that take no time."""
    outcomes = {row["desired_outcome"] for row in configuration.rows("desired_outcomes")} | {ALL}
    for row in configuration.rows("playbooks"):
        if row["desired_outcome"] and row["desired_outcome"] not in outcomes:
            hint = did_you_mean(row["desired_outcome"], outcomes)
            message = f"desired_outcome '{row['desired_outcome']}' is not in desired_outcomes.csv{hint}"
            yield at(row, "unknown_name", message)
        hours = row.number("hours")
        if hours is not None and hours <= 0:
            yield at(row, "out_of_range", f"hours {row['hours']} is not above 0")


def check_stages(configuration: Configuration) -> Iterator[Violation]:
    """Outcomes without an onboarding or with two, stages at one position, stages that hold nothing."""
    used = {(row["stage"], row["desired_outcome"]) for row in configuration.rows("milestones")}
    outcomes: dict[str, list[Row]] = defaultdict(list)
    for row in configuration.rows("stages"):
        outcomes[row["desired_outcome"]].append(row)
        if (row["stage"], row["desired_outcome"]) not in used:
            message = f"stage '{row['stage']}' of outcome '{row['desired_outcome']}' has no milestones"
            yield at(row, "stage_without_milestones", message, WARN)
    for outcome, rows in outcomes.items():
        onboarding = [row for row in rows if row["is_onboarding"] == "true"]
        for row in onboarding[1:]:
            message = f"'{row['stage']}' and '{onboarding[0]['stage']}' are both the onboarding of outcome '{outcome}'"
            yield at(row, "onboarding_stage", message)
        if not onboarding:
            message = f"no stage of outcome '{outcome}' is its onboarding, so it would never end"
            yield at(rows[0], "onboarding_stage", message)
        yield from _check_positions(rows, "stage", f"outcome '{outcome}'")


def _check_positions(rows: list[Row] | tuple[Row, ...], column: str, title: str) -> Iterator[Violation]:
    first: dict[float, Row] = {}
    for row in sorted(rows, key=lambda each: each.line):
        position = row.number("position")
        if position is None:
            continue
        if position in first:
            earlier = first[position]
            message = (
                f"'{row[column]}' and '{earlier[column]}' (line {earlier.line}) are both at position"
                f" {row['position']} of {title}"
            )
            yield at(row, "duplicate_position", message)
        first.setdefault(position, row)


# ------------------------------------------------------------------------------------------------------- paths
def path_on(rows: list[Row], outcome: str, segment: str, day: date) -> Path:
    """The path of an outcome on a day: a segment's row replaces the general one of the same milestone."""
    chosen: dict[str, Row] = {}
    for row in rows:
        if row["desired_outcome"] == outcome and row["segment"] in ("", segment) and in_force(row, day):
            kept = chosen.get(row["milestone"])
            if kept is None or (row["segment"] and not kept["segment"]):
                chosen[row["milestone"]] = row
    ordered = sorted(chosen.values(), key=lambda row: (row.number("position") or 0, row.line))
    return Path(outcome, segment, tuple(ordered))


def _check_clocks(path: Path, onboarding: set[tuple[str, str]]) -> Iterator[Violation]:
    """Clocks that wait for nothing, or for themselves."""
    ends_onboarding = [row for row in path.milestones if (row["stage"], path.outcome) in onboarding]
    waits_for: dict[int, list[Row]] = {}
    before: Row | None = None
    for row in path.milestones:
        name = f"'{row['milestone']}'"
        if row["clock"] == "previous_milestone" and before is None:
            yield at(
                row, "previous_milestone_missing", f"{name} is the first of {path.title}: no milestone is before it"
            )
        elif row["clock"] == "previous_milestone" and before["clock"] == "renewal":
            message = (
                f"{name} counts from '{before['milestone']}' (line {before.line}), which starts anew with each renewal;"
                " give it the clock renewal too"
            )
            yield at(row, "previous_milestone_missing", message)
        elif row["clock"] == "previous_milestone":
            waits_for[row.line] = [before]
        elif row["clock"] == "onboarding_end":
            waits_for[row.line] = ends_onboarding
            if not ends_onboarding:
                message = f"{name} counts from the end of onboarding, but no milestone of {path.title} is in that stage"
                yield at(row, "onboarding_without_milestones", message)
        elif row["clock"] == "renewal" and row in ends_onboarding:
            yield at(row, "clock_cycle", f"{name} is part of the onboarding, which cannot wait for a renewal")
        before = row
    for row in path.milestones:
        if row.line in waits_for and _waits_for_itself(row, waits_for):
            yield at(row, "clock_cycle", f"'{row['milestone']}' counts from what can be reached only after it")


def _waits_for_itself(start: Row, waits_for: dict[int, list[Row]]) -> bool:
    seen: set[int] = set()
    open_rows = list(waits_for[start.line])
    while open_rows:
        row = open_rows.pop()
        if row.line == start.line:
            return True
        if row.line not in seen:
            seen.add(row.line)
            open_rows += waits_for.get(row.line, [])
    return False


def _check_stage_order(path: Path, positions: dict[tuple[str, str], float]) -> Iterator[Violation]:
    for before, row in pairwise(path.milestones):
        earlier = positions.get((before["stage"], path.outcome))
        later = positions.get((row["stage"], path.outcome))
        if earlier is not None and later is not None and later < earlier:
            message = (
                f"'{row['milestone']}' of stage '{row['stage']}' stands behind '{before['milestone']}' of the later"
                f" stage '{before['stage']}'"
            )
            yield at(row, "stage_order", message, WARN)


def _check_contents(path: Path) -> Iterator[Violation]:
    first, count = path.milestones[0], len(path.milestones)
    if not any(row["is_value_moment"] == "true" for row in path.milestones):
        message = f"{path.title} has no value moment: steps that nobody gains from are no path"
        yield at(first, "value_moment_missing", message)
    if count < FEWEST_MILESTONES:
        message = f"{path.title} has {count} milestones; fewer than {FEWEST_MILESTONES} leave long stretches unseen"
        yield at(first, "milestones_too_few", message, WARN)
    if count > MOST_MILESTONES:
        message = (
            f"{path.title} has {count} milestones; more than {MOST_MILESTONES} are a checklist that nobody follows"
        )
        yield at(first, "milestones_too_many", message, WARN)


def _days_of_change(rows: list[Row], as_of: date) -> list[date]:
    spans = [span for row in rows if (span := interval(row))]
    return sorted({day for span in spans for day in span if day < date.max} | {as_of})


def _check_outcome(
    rows: list[Row],
    outcome: str,
    as_of: date,
    onboarding: set[tuple[str, str]],
    positions: dict[tuple[str, str], float],
) -> Iterator[Violation]:
    for segment in ["", *sorted({row["segment"] for row in rows} - {""})]:
        for day in _days_of_change(rows, as_of):
            path = path_on(rows, outcome, segment, day)
            if not path.milestones:
                continue
            yield from _check_positions(path.milestones, "milestone", path.title)
            yield from _check_clocks(path, onboarding)
            yield from _check_stage_order(path, positions)
            if day >= as_of:
                yield from _check_contents(path)


def check_paths(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    """Paths whose clocks cannot run or whose order is unclear; today's and future ones also without value."""
    rows = configuration.rows("milestones")
    if not rows:
        return
    stages = configuration.rows("stages")
    onboarding = {(row["stage"], row["desired_outcome"]) for row in stages if row["is_onboarding"] == "true"}
    positions = {
        (row["stage"], row["desired_outcome"]): place for row in stages if (place := row.number("position")) is not None
    }
    for outcome_row in configuration.rows("desired_outcomes"):
        outcome = outcome_row["desired_outcome"]
        own = [row for row in rows if row["desired_outcome"] == outcome]
        days = _days_of_change(own, as_of)
        if not any(path_on(own, outcome, "", day).milestones for day in days if day >= as_of):
            message = f"outcome '{outcome}' has no milestones for all segments in milestones.csv: no path leads to it"
            yield at(outcome_row, "outcome_without_milestones", message)
        reported: set[tuple[int | None, str]] = set()
        for violation in _check_outcome(own, outcome, as_of, onboarding, positions):
            # what is wrong for all need not be said again for each segment and day
            if (violation.line, violation.rule) not in reported:
                reported.add((violation.line, violation.rule))
                yield violation


# ---------------------------------------------------------------------------------------------- journey metrics
def check_journey_metrics(configuration: Configuration) -> Iterator[Violation]:
    """Metrics that mix what milestones rest on with what they yield, or that weigh a journey that is not there."""
    sources = _sources(configuration)
    journey_metrics = set()
    for row in configuration.rows("metrics"):
        kinds = {sources[measure] == JOURNEY for measure in _operands(row) if measure in sources}
        if len(kinds) > 1:
            message = f"of '{row['measure']}' and '{row['denominator_measure']}' only one is made from milestones"
            yield at(row, "journey_mixed_with_source", message)
        if True in kinds:
            journey_metrics.add(row["metric"])
    if configuration.rows("milestones"):
        return
    for row in configuration.rows("scorecard_metrics"):
        if row["metric"] in journey_metrics and (row.number("weight") or 0) > 0:
            message = f"'{row['metric']}' has weight, but there are no milestones to know it from"
            yield at(row, "journey_missing", message, WARN)


def check_journey(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    """All rules of this module."""
    yield from check_evidence(configuration)
    yield from check_milestones(configuration)
    yield from check_playbooks(configuration)
    yield from check_stages(configuration)
    yield from check_paths(configuration, as_of)
    yield from check_journey_metrics(configuration)
