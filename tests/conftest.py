"""What a run has as a whole: the folder of what is built once, and the table of faults, in which stands which test
provokes each row of tests/faults/faults.csv and what was seen.

Belongs here: the marker `fault(number, ...)`, the option --fault-table, the order of files, and what happens before and
after all tests.
Does not belong here: faults themselves (the tests that bear the marker) or fixtures.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tests import built_once

FAULTS = Path(__file__).parent / "faults" / "faults.csv"
# measured with --durations
LONGEST_FIRST = (
    "properties/test_ledger",
    "properties/test_pipeline",
    "orchestration/test_forget",
    "orchestration/test_dagster_runs",
    "faults/test_data_faults",
    "orchestration/test_publication",
    "expectations",
    "properties",
    "integrity",
)
SEEN = {"passed": "as expected", "failed": "FAILED", "error": "FAILED"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-table", action="store_true", help="print every fault, and fail if one is not provoked")


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        built_once.open_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        built_once.remove_folder()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # a file stays with one worker: those that take longest begin, so that no worker is left alone with one in the end
    items.sort(key=lambda item: _place(item.path.relative_to(Path(__file__).parent).as_posix()))
    for item in items:
        for marker in item.iter_markers("fault"):
            item.user_properties.extend(("fault", number) for number in marker.args)


def _place(path: str) -> int:
    return next((place for place, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--fault-table"):
        return
    provoked = _provoked(terminalreporter)
    terminalreporter.section("faults: provoked | expected | seen")
    for row in _faults():
        tests = provoked[int(row["number"])]
        failed = [name for name, seen in tests.items() if seen != SEEN["passed"]]
        seen = f"FAILED: {', '.join(failed)}" if failed else f"as expected ({len(tests)} tests)"
        terminalreporter.write_line(
            f"{row['number']:>2}  {row['fault']} | {row['expected']} | {seen if tests else 'NOT PROVOKED'}"
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not session.config.getoption("--fault-table") or reporter is None:
        return
    provoked = _provoked(reporter)
    if any(not provoked[int(row["number"])] for row in _faults()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _faults() -> list[dict[str, str]]:
    with FAULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _provoked(reporter: pytest.TerminalReporter) -> dict[int, dict[str, str]]:
    """By number of the fault: the tests that provoked it, and how each ended."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for outcome, seen in SEEN.items():
        for report in reporter.stats.get(outcome, []):
            name = report.nodeid.rpartition("::")[2]
            for key, number in getattr(report, "user_properties", []):
                if key == "fault" and found[number].get(name) != SEEN["failed"]:
                    found[number][name] = seen
    return found
