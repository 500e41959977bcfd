"""Check what definitions mean together: metrics, benchmarks, grades, rules, bands, mappings, rates, exceptions, limits
of the gate.

Belongs here: rules about one file, or about a file and the names it refers to.
Does not belong here: how scorecards weigh metrics (scorecards.py), columns and types
(shape.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from customer_health.configuration.folder import Configuration, Row, display, read_seed
from customer_health.configuration.shape import ERROR, WARN, Violation, as_date, at
from customer_health.configuration.var_checks import check_vars
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.core.words import did_you_mean

WINDOWED = ("sum", "max", "active_days", "change")
OPERANDS = {
    "sum": ("additive",),
    "max": ("additive",),
    "active_days": ("additive",),
    "days_since": ("additive",),
    "last": ("state",),
    "age_days": ("date",),
    "ratio": ("additive", "state"),
    "change": ("additive", "state"),
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


# ------------------------------------------------------------------------------------------------ intervals
def interval(row: Row) -> tuple[date, date] | None:
    """[effective_from, effective_to) of a row; None while it cannot be read."""
    start = as_date(row["effective_from"])
    end = as_date(row["effective_to"]) if row["effective_to"] else date.max
    return (start, end) if start and end else None


def in_force(row: Row, day: date) -> bool:
    """Whether the row is valid on the day."""
    days = interval(row)
    return days is not None and days[0] <= day < days[1]


def overlapping(rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """(later, earlier) rows that are both valid on some day."""
    dated = sorted((days, row.line, row) for row in rows if (days := interval(row)) and days[0] < days[1])
    latest: tuple[date, Row] | None = None
    for (start, end), _, row in dated:
        if latest and start < latest[0]:
            yield row, latest[1]
        if latest is None or end > latest[0]:
            latest = (end, row)


def check_intervals(configuration: Configuration) -> Iterator[Violation]:
    """Versions that end before they begin."""
    for name, seed in configuration.files.items():
        if "effective_from" in seed.header and name not in configuration.from_default:
            for row in seed.rows:
                days = interval(row)
                if days and days[1] <= days[0]:
                    message = f"effective_to {row['effective_to']} is not after effective_from {row['effective_from']}"
                    yield at(row, "interval_empty", message)


# -------------------------------------------------------------------------------------------------- metrics
def _check_operands(row: Row, kinds: dict[str, str]) -> Iterator[Violation]:
    aggregation = row["aggregation"]
    allowed = OPERANDS.get(aggregation)
    if allowed is None:
        return
    for column in ("measure", "denominator_measure"):
        kind = kinds.get(row[column])
        if kind and kind not in allowed:
            wanted = " or ".join(allowed)
            message = f"aggregation '{aggregation}' needs an {wanted} measure, but '{row[column]}' is of kind '{kind}'"
            yield at(row, "aggregation_unsuitable", message)
    if aggregation == "ratio" and not row["denominator_measure"]:
        yield at(row, "denominator_missing", "a ratio needs a denominator_measure")
    if aggregation not in ("ratio", "change") and row["denominator_measure"]:
        yield at(row, "denominator_unused", f"aggregation '{aggregation}' has no use for a denominator_measure")


def _check_windows(row: Row, kinds: dict[str, str]) -> Iterator[Violation]:
    aggregation = row["aggregation"]
    operands = [kinds.get(row[column]) for column in ("measure", "denominator_measure") if row[column]]
    needs_window = aggregation in WINDOWED or (aggregation == "ratio" and "additive" in operands)
    window, history = row.number("window_days"), row.number("min_history_days")
    if needs_window and not row["window_days"]:
        yield at(row, "window_missing", f"aggregation '{aggregation}' of these measures needs window_days")
    elif not needs_window and row["window_days"] and aggregation in OPERANDS:
        yield at(
            row, "window_unused", f"aggregation '{aggregation}' of these measures has no use for window_days", WARN
        )
    if window is not None and window < 1:
        yield at(row, "out_of_range", f"window_days {row['window_days']} is less than 1")
    for column in ("min_history_days", "max_age_days", "applies_from_tenure_days", "applies_to_tenure_days"):
        if (row.number(column) or 0) < 0:
            yield at(row, "out_of_range", f"{column} {row[column]} is negative")
    if aggregation == "change" and window and history is not None:
        needed = 2 * window if "additive" in operands else window
        if history < needed:
            message = f"min_history_days {row['min_history_days']} is less than the {needed:.0f} days compared"
            yield at(row, "history_too_short", message, WARN)
    start, end = row.number("applies_from_tenure_days"), row.number("applies_to_tenure_days")
    if end is not None and end <= (start or 0):
        yield at(row, "interval_empty", "applies_to_tenure_days is not after applies_from_tenure_days")


def check_metrics(configuration: Configuration) -> Iterator[Violation]:
    """Metrics that the aggregation macro could not compute, and passive contact posing as proactive."""
    kinds = {row["measure"]: row["kind"] for row in configuration.rows("measures")}
    passive = {row["measure"] for row in configuration.rows("engagement_measures") if row["is_passive"] == "true"}
    passive.discard("")
    for row in configuration.rows("metrics"):
        yield from _check_operands(row, kinds)
        yield from _check_windows(row, kinds)
        if row["aggregation"] == "change" and row["unit"] not in ("", "pct"):
            yield at(row, "unit_not_pct", f"a change is computed in percent, so its unit is pct, not '{row['unit']}'")
        if row["motion"] == "proactive" and passive & {row["measure"], row["denominator_measure"]}:
            message = f"'{row['measure']}' counts passive check-ins, which are never proactive"
            yield at(row, "passive_not_proactive", message)


# ----------------------------------------------------------------------------------------------- benchmarks
def curve_points(text: str) -> list[tuple[float, float]] | None:
    """The breakpoints of `value:points;value:points`; None where they cannot be read."""
    try:
        pairs = [part.split(":") for part in text.split(";")]
        points = [(float(value), float(earned)) for value, earned in pairs]
    except ValueError:
        return None
    return points if all(abs(number) < float("inf") for point in points for number in point) else None


def _against_direction(earned: list[float], direction: str) -> bool:
    if direction == "higher_is_better":
        return any(later < earlier for earlier, later in pairwise(earned))
    if direction == "lower_is_better":
        return any(later > earlier for earlier, later in pairwise(earned))
    return False


def _check_curve(row: Row, direction: str) -> Iterator[Violation]:
    if not row["curve"]:
        yield at(row, "curve_malformed", "method 'curve' needs a curve like 0:40;2:100;10:20")
        return
    points = curve_points(row["curve"])
    if points is None:
        yield at(row, "curve_malformed", f"curve '{row['curve']}' is not like 0:40;2:100;10:20")
        return
    if len(points) < 2:
        yield at(row, "curve_malformed", f"curve '{row['curve']}' needs at least two breakpoints")
    if any(after[0] <= before[0] for before, after in pairwise(points)):
        yield at(row, "curve_malformed", f"the values of curve '{row['curve']}' do not increase")
    if any(not 0 <= earned <= 100 for _, earned in points):
        yield at(row, "curve_malformed", f"curve '{row['curve']}' gives points outside 0 to 100")
    if _against_direction([earned for _, earned in points], direction):
        message = f"curve '{row['curve']}' contradicts direction '{direction}' in metrics.csv"
        yield at(row, "benchmark_against_direction", message)


def _check_line(row: Row, direction: str) -> Iterator[Violation]:
    floor, target = row.number("floor"), row.number("target")
    if not row["floor"] or not row["target"]:
        yield at(row, "benchmark_incomplete", f"method '{row['method']}' needs floor and target")
    elif floor is not None and target is not None:
        if floor == target:
            yield at(row, "floor_equals_target", f"floor and target of '{row['metric']}' are both {row['floor']}")
        elif _against_direction([0, 100] if floor < target else [100, 0], direction):
            message = (
                f"floor {row['floor']} and target {row['target']} contradict direction '{direction}' in metrics.csv"
            )
            yield at(row, "benchmark_against_direction", message)


def _check_benchmark(row: Row, direction: str) -> Iterator[Violation]:
    method = row["method"]
    used = {"linear": ("floor", "target"), "own_baseline": ("floor", "target"), "curve": ("curve",)}
    if method in ("linear", "own_baseline"):
        yield from _check_line(row, direction)
    elif method == "curve":
        yield from _check_curve(row, direction)
    elif method == "peer_percentile":
        peers = row.number("min_peers")
        if not row["min_peers"]:
            yield at(row, "min_peers_missing", "method 'peer_percentile' needs min_peers")
        elif peers is not None and peers < 2:
            yield at(row, "min_peers_missing", f"min_peers {row['min_peers']} is less than 2: nobody to compare with")
        if direction == "neutral":
            yield at(row, "percentile_without_direction", "a percentile needs a direction, but the metric is neutral")
    else:
        return
    for column in ("floor", "target", "curve", "min_peers"):
        if row[column] and column not in used.get(method, ("min_peers",)):
            yield at(row, "benchmark_unused", f"method '{method}' has no use for {column}", WARN)


def check_benchmarks(configuration: Configuration) -> Iterator[Violation]:
    """Benchmarks that cannot be computed, overlap, or leave accounts without points."""
    directions = {row["metric"]: row["direction"] for row in configuration.rows("metrics")}
    scopes: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    general: dict[str, bool] = defaultdict(bool)
    first: dict[str, Row] = {}
    for row in configuration.rows("benchmarks"):
        yield from _check_benchmark(row, directions.get(row["metric"], ""))
        scopes[row["metric"], row["segment"], row["tenure_band"]].append(row)
        general[row["metric"]] |= not row["segment"] and not row["tenure_band"]
        first.setdefault(row["metric"], row)
    for (metric, segment, band), rows in scopes.items():
        scope = ", ".join(part for part in (segment, band) if part) or "all accounts"
        for later, earlier in overlapping(rows):
            message = f"the benchmark of '{metric}' for {scope} overlaps with the one in line {earlier.line}"
            yield at(later, "benchmarks_overlap", message)
    for metric, row in first.items():
        if not general[metric]:
            message = f"'{metric}' has no benchmark without segment and tenure band, so other accounts earn no points"
            yield at(row, "benchmark_not_general", message, WARN)


# ---------------------------------------------------------------------------- grades, rules, bands, outcomes
def check_grades(configuration: Configuration) -> Iterator[Violation]:
    """Grade sets that leave scores without a grade, or give two."""
    if not configuration.is_own("grades"):
        return
    sets: dict[str, list[Row]] = defaultdict(list)
    for row in configuration.rows("grades"):
        sets[row["version"]].append(row)
        score = row.number("min_score")
        if score is not None and not 0 <= score <= 100:
            yield at(row, "out_of_range", f"min_score {row['min_score']} is outside 0 to 100")
        if row["colour"] and not _COLOUR.fullmatch(row["colour"]):
            yield at(row, "colour_malformed", f"colour '{row['colour']}' is not like #2166AC")
    for version, rows in sets.items():
        scores = [row.number("min_score") for row in rows]
        if 0 not in scores:
            message = f"no grade of version {version} begins at 0, so low scores would have none"
            yield at(rows[-1], "grades_not_from_zero", message)
        for position, row in enumerate(rows):
            if row.number("min_score") in scores[:position]:
                yield at(row, "grades_overlap", f"two grades of version {version} begin at {row['min_score']}")
        for row in rows[1:]:
            if any(row[column] != rows[0][column] for column in ("effective_from", "effective_to")):
                message = f"the grades of version {version} must all have the same effective dates"
                yield at(row, "grades_overlap", message)
    for later, earlier in overlapping(rows[0] for rows in sets.values()):
        message = f"grade version {later['version']} overlaps with version {earlier['version']}"
        yield at(later, "grades_overlap", message)


def check_rules(configuration: Configuration) -> Iterator[Violation]:
    """Rules for unknown scorecards, with impossible values, or twice in force."""
    scorecards = {row["scorecard"] for row in configuration.rows("scorecards")} | {"all"}
    same: dict[str, list[Row]] = defaultdict(list)
    for row in configuration.rows("score_rules"):
        same[row["rule"]].append(row)
        if row["scorecard"] and row["scorecard"] not in scorecards:
            hint = did_you_mean(row["scorecard"], scorecards)
            message = f"scorecard '{row['scorecard']}' is not in scorecards.csv{hint}"
            yield at(row, "unknown_name", message)
        value = row.number("value")
        if value is not None and not 0 <= value <= 100:
            yield at(row, "out_of_range", f"value {row['value']} is outside 0 to 100")
    for rule, rows in same.items():
        for later, earlier in overlapping(rows):
            yield at(later, "rules_overlap", f"rule '{rule}' overlaps with its version in line {earlier.line}")


def check_tenure_bands(configuration: Configuration) -> Iterator[Violation]:
    """Bands that leave a day of tenure without a band, or give it two."""
    known = [row for row in configuration.rows("tenure_bands") if row.number("from_tenure_days") is not None]
    rows = sorted(known, key=lambda row: row.number("from_tenure_days") or 0)
    if not rows:
        return
    if rows[0].number("from_tenure_days") != 0:
        yield at(rows[0], "tenure_bands_gap", "the first tenure band must begin at 0")
    for before, after in pairwise(rows):
        end, start = before.number("to_tenure_days"), after.number("from_tenure_days") or 0
        if end is None or end > start:
            message = f"tenure band '{after['tenure_band']}' overlaps with '{before['tenure_band']}'"
            yield at(after, "tenure_bands_overlap", message)
        elif end < start:
            message = f"no tenure band covers days {end:.0f} to {start:.0f}"
            yield at(after, "tenure_bands_gap", message)
        if (after.number("position") or 0) <= (before.number("position") or 0):
            yield at(after, "tenure_bands_order", f"position {after['position']} does not follow the days")
    if rows[-1]["to_tenure_days"]:
        yield at(rows[-1], "tenure_bands_gap", "the last tenure band must be open: leave to_tenure_days empty")


def check_outcomes(configuration: Configuration) -> Iterator[Violation]:
    """No default outcome, several, or more outcomes than a CSM can name."""
    rows = configuration.rows("desired_outcomes")
    defaults = [row for row in rows if row["is_default"] == "true"]
    for row in defaults[1:]:
        message = f"'{row['desired_outcome']}' and '{defaults[0]['desired_outcome']}' are both the default outcome"
        yield at(row, "default_outcome", message)
    if rows and not defaults:
        message = "no outcome is the default; accounts that declared none would have no score"
        yield Violation(configuration.file("desired_outcomes"), None, "default_outcome", ERROR, message)
    if len(rows) > 4:
        message = f"{len(rows)} desired outcomes: more than four blur what customers want"
        yield at(rows[4], "outcomes_too_many", message, WARN)


# ---------------------------------------------------------------------------------------- mappings and rates
def check_mappings(configuration: Configuration) -> Iterator[Violation]:
    """Mappings onto measures that cannot take them; rates and targets that are no amounts."""
    measures = {row["measure"]: row for row in configuration.rows("measures")}
    for name, source in (("product_event_measures", "product"), ("engagement_measures", "crm")):
        if not configuration.is_own(name):
            continue
        for row in configuration.rows(name):
            measure = measures.get(row["measure"])
            if measure is None:
                continue
            if measure["kind"] != "additive":
                yield at(row, "mapping_unsuitable", f"'{row['measure']}' is of kind '{measure['kind']}', not additive")
            if measure["source"] != source:
                message = f"'{row['measure']}' is a measure of source '{measure['source']}', not of '{source}'"
                yield at(row, "mapping_unsuitable", message)
    for name, column in (("exchange_rates", "usd_per_unit"), ("response_targets", "first_response_hours")):
        for row in configuration.rows(name) if configuration.is_own(name) else ():
            amount = row.number(column)
            if amount is not None and amount <= 0:
                yield at(row, "out_of_range", f"{column} {row[column]} is not above 0")
    for row in configuration.rows("exchange_rates"):
        month = as_date(row["month"])
        if month and month.day != 1:
            yield at(row, "not_a_month", f"month {row['month']} is not the first day of a month")
    if "exchange_rates" not in configuration.files:
        message = (
            "there is no exchange_rates.csv: amounts in the currency of the first contract are taken as they are,"
            " all in other currencies will be quarantined"
        )
        yield Violation(display(configuration.folder), None, "exchange_rates_missing", WARN, message)


def check_exceptions(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    """Excused findings whose time is over; instrumentation that ends before it begins."""
    for row in configuration.rows("quality_exceptions"):
        expires = as_date(row["expires_on"])
        if expires and expires <= as_of:
            message = f"the exception for '{row['finding']}' expired on {row['expires_on']}: renew it or remove it"
            yield at(row, "exception_expired", message, WARN)
    for row in configuration.rows("instrumentation"):
        start, end = as_date(row["tracked_from_on"]), as_date(row["tracked_to_on"])
        if start and end and end <= start:
            yield at(row, "interval_empty", "tracked_to_on is not after tracked_from_on")


def check_gate_thresholds(configuration: Configuration) -> Iterator[Violation]:
    """Limits that no check of the gate reads: with a wrong name, ours would go on counting in silence."""
    ours = read_seed("gate_thresholds", DEFAULT_CONFIG / "quality" / "gate_thresholds.csv").rows
    limits = {f"{row['gate_check']}.{row['threshold']}" for row in ours}
    for row in configuration.rows("gate_thresholds"):
        limit = f"{row['gate_check']}.{row['threshold']}"
        if limit not in limits:
            yield at(
                row, "unknown_name", f"no check of the gate reads the limit '{limit}'{did_you_mean(limit, limits)}"
            )


def check_definitions(configuration: Configuration, as_of: date) -> Iterator[Violation]:
    """All rules of this module."""
    yield from check_intervals(configuration)
    yield from check_metrics(configuration)
    yield from check_benchmarks(configuration)
    yield from check_grades(configuration)
    yield from check_rules(configuration)
    yield from check_tenure_bands(configuration)
    yield from check_outcomes(configuration)
    yield from check_mappings(configuration)
    yield from check_exceptions(configuration, as_of)
    yield from check_gate_thresholds(configuration)
    yield from check_vars(configuration)
