"""A report decides by its results alone, and survives being written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from expectations.report import CheckResult, GateReport


def result(
    check: str = "volume", *, passed: bool = True, severity: str = "error", failing_keys: int = 0
) -> CheckResult:
    return CheckResult(
        "raw_arrivals", check, passed, severity, "10 rows", "50 to 200 rows", "2026-01-01: why", failing_keys
    )


def report(*results: CheckResult) -> GateReport:
    return GateReport(results, datetime(2026, 7, 1, 3, tzinfo=UTC), date(2026, 6, 30))


def test_only_a_failed_error_holds_the_publication() -> None:
    held = report(result(), result("grades", passed=False, severity="warn"), result("scores", passed=False))
    assert not held.passed
    assert [failure.check for failure in held.failures] == ["scores"]
    assert [warning.check for warning in held.warnings] == ["grades"]
    assert report(result(), result("grades", passed=False, severity="warn")).passed


def test_a_gate_that_checked_nothing_has_not_passed() -> None:
    assert not report().passed
    assert report().lines() == ["gate: failed, nothing was checked for 2026-06-30"]


def test_the_text_names_what_failed_with_what_was_expected() -> None:
    lines = report(result(passed=False, failing_keys=3), result("schema")).lines()
    assert lines == [
        "gate: 2 checks of 2026-06-30: failed, 1 of them hold the publication",
        "  FAILED: raw_arrivals/volume: 10 rows; expected 50 to 200 rows (3 failing keys kept)",
    ]


def test_the_text_says_what_was_not_run_again() -> None:
    lines = replace(report(result()), left_alone=258, nodes=262).lines()
    assert lines[1] == "  258 of 262 seeds and models are as an earlier run left them"


def test_a_report_survives_json() -> None:
    written = replace(report(result(), result("Prüfung “x”", passed=False, failing_keys=2)), left_alone=3, nodes=4)
    assert GateReport.from_json(written.to_json()) == written


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="severity 'fatal'"):
        result(severity="fatal")
