"""Judge a finished build: may it be published?

Nothing passes by accident: a suite or check that raises has failed, a suite without results has failed, and so has a
gate that cannot write down what it found. Great Expectations is imported only when a gate really runs.

Belongs here: running suites, failing closed, acceptances, the command.
Does not belong here: rules (the suites), how one check is judged (judge.py), publishing
(customer_health/publication/publish.py).
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from expectations import record, results_page
from expectations.build import Build, open_build, without_values
from expectations.report import CheckResult, GateReport

ALL = ("raw_arrivals", "staged_facts", "marts")


def run_gate(warehouse: Path, *, as_of: date, suites: Sequence[str] = ALL, now: datetime | None = None) -> GateReport:
    """Run the suites over a finished build, keep what they found, and write the page.

    Args:
        warehouse: folder with the build file, and the published file if there is one.
        as_of: the day that the build describes.
        suites: modules of this package, each with a function `checks`.
        now: when the gate ran; default is the present moment.

    Returns:
        One result per check. The report has passed only if it holds results and none of them is a failed error.
    """
    ran_at = now or datetime.now(UTC)
    results: list[CheckResult] = []
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    left_alone, nodes = 0, 0
    try:
        with open_build(warehouse, as_of) as build:
            left_alone, nodes = build.left_alone()
            accepted = record.read_acceptances(build.con, as_of)
            for suite in suites:
                for result, its_keys in _run_suite(suite, build):
                    acceptance = accepted.get((result.suite, result.check))
                    results.append(_accepted(result, acceptance) if acceptance and result.holds else result)
                    if its_keys:
                        keys[result.suite, result.check] = its_keys
    except Exception as error:
        results.append(_raised("gate", "open", error))
    if not results:
        results.append(_failed("gate", "suites", "no suite was asked for", "at least one suite"))
    report = GateReport(tuple(results), ran_at, as_of, left_alone, nodes)
    for name, severity, write in (("record", "error", record.record), ("page", "warn", results_page.write)):
        try:
            write(warehouse, report, keys)
        except Exception as error:
            report = replace(
                report, results=(*report.results, replace(_raised("gate", name, error), severity=severity))
            )
    return report


def _run_suite(suite: str, build: Build) -> list[tuple[CheckResult, tuple[str, ...]]]:
    try:
        from expectations.judge import Judge

        checks = importlib.import_module(f"expectations.{suite}").checks(build)
        judge = Judge()
    except Exception as error:
        return [(_raised(suite, "suite", error), ())]
    if not checks:
        return [(_failed(suite, "suite", "it has no checks", "at least one check"), ())]
    found = []
    for check in checks:
        try:
            judgement = judge.judge(suite, check, build)
            found.append((judgement.result, judgement.keys))
        except Exception as error:
            found.append((_raised(suite, check.name, error), ()))
    return found


def _raised(suite: str, check: str, error: Exception) -> CheckResult:
    observed = f"it raised {type(error).__name__}: {without_values(str(error))}"
    return _failed(suite, check, observed, "a check that runs to its end")


def _failed(suite: str, check: str, observed: str, expected: str) -> CheckResult:
    return CheckResult(suite, check, False, "error", observed, expected, "What was not checked has not passed.")


def _accepted(result: CheckResult, acceptance: record.Acceptance) -> CheckResult:
    reason = f"Accepted by {acceptance.author} for this day: {acceptance.reason.rstrip('.')}. {result.reason}"
    return replace(result, severity="warn", reason=reason)
