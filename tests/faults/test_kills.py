"""The command is killed at each of its stages: readers are never misled, and the next run ends as an undisturbed one.

Belongs here: kills (kill -9) of the real process while it loads, builds, judges and publishes.
Does not belong here: other faults of operation (test_operations.py), of the machine (test_machine_faults.py), kills of
the loader in the middle of big files (test_landing.py).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from customer_health.publication.publish import staleness
from tests.faults.operated_company import Company, Operated, operated, wait_until

pytestmark = pytest.mark.slow

STAGES = ("loading", "building", "judging", "publishing")
KILLS = {"loading": 7, "building": 11, "judging": 5, "publishing": 7}
SEED = 20260630


@pytest.fixture(scope="module")
def night() -> Operated:
    return operated()


def results(company: Company) -> Path:
    """Taken away when a build begins, written when it has ended."""
    return company.warehouse / "target" / "run_results.json"


def log_size(company: Company) -> int:
    log = company.warehouse / "logs" / "dbt.log"
    return log.stat().st_size if log.exists() else 0


def began(company: Company, stage: str) -> Callable[[], bool]:
    """What shows from outside that a stage has begun."""
    lock = company.warehouse / ".refresh.lock"
    locked_before = lock.stat().st_mtime_ns if lock.exists() else 0
    return {
        "loading": lambda: lock.exists() and lock.stat().st_mtime_ns != locked_before,
        "building": lambda: not results(company).exists(),
        "judging": lambda: results(company).exists() and results(company).stat().st_size > 0,
        "publishing": lambda: (company.warehouse / "publications" / ".work").exists(),
    }[stage]


@dataclass(frozen=True)
class Pace:
    """How long each stage of an undisturbed run takes, and how much dbt writes into its log."""

    seconds: dict[str, float]
    log_bytes: int


def reach(company: Company, process: subprocess.Popen[str], stage: str) -> bool:
    """Wait until a stage begins; False if the process ended before it was seen."""
    return all(wait_until(began(company, each), process) for each in STAGES[: STAGES.index(stage) + 1])


def measure(company: Company) -> Pace:
    """Refresh without a kill, and look at the clock."""
    written = log_size(company)
    process = company.start()
    begins = []
    for stage in STAGES:
        assert wait_until(began(company, stage), process), f"{stage} was not seen"
        begins.append(time.monotonic())
    output, errors = process.communicate()
    begins.append(time.monotonic())
    assert process.returncode == 0, output + errors
    spans = zip(STAGES, begins[1:], begins, strict=False)
    return Pace({stage: end - start for stage, end, start in spans}, log_size(company) - written)


def kill(company: Company, stage: str, share: float, pace: Pace) -> bool:
    """Start the command and kill it, with all its children, so far into a stage; False if it had ended before."""
    written = log_size(company)
    process = company.start()
    if reach(company, process, stage):
        if stage == "building":
            # by the progress of the build, which no other load of the machine moves
            wait_until(lambda: log_size(company) - written >= share * pace.log_bytes, process)
        else:
            time.sleep(share * pace.seconds[stage])
    killed = process.poll() is None
    if killed:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return killed


def stage_of_death(company: Company) -> str:
    """How far a killed run had come, by what it left."""
    if (company.warehouse / "publications" / ".work").exists():
        return "publishing"
    if not results(company).exists():
        return "building"
    return "loading, judging or cleaning up"


@pytest.mark.fault(33, 34, 35, 36)
def test_four_kills_in_a_row_leave_nothing_behind(night: Operated) -> None:
    """Each rerun meets what the kill before it left, and is killed at the next stage."""
    company = night.restore()
    pace = Pace(dict.fromkeys(STAGES, 0.2), 1_000_000)
    for stage in STAGES:
        assert kill(company, stage, 0.5, pace), f"it ended before {stage}"
        assert night.assert_old_or_new() == "old"
    company.refreshed()
    night.assert_as_undisturbed()


@pytest.mark.fault(33, 34, 35, 36)
def test_thirty_kills_at_any_moment(night: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    company = night.restore()
    pace = measure(company)
    moments = [(stage, place / number) for stage, number in KILLS.items() for place in range(number)]
    chance = random.Random(SEED)
    seen: Counter[tuple[str, str, str]] = Counter()
    for stage, earliest in moments:
        share = earliest + chance.random() / KILLS[stage]
        night.restore()
        while not kill(company, stage, share, pace):
            # on a machine that has become faster
            share *= 0.7
            night.restore()
        died = stage_of_death(company)
        shown = night.assert_old_or_new()
        seen[stage, died, shown] += 1
        company.refreshed()
        night.assert_as_undisturbed()
    with capsys.disabled():
        for (stage, died, shown), number in sorted(seen.items()):
            print(f"\n  {number} kills at {stage}: died {died}; readers saw the {shown} one; rerun identical", end="")
    assert sum(seen.values()) == 30
    assert {stage for stage, _, _ in seen} == set(STAGES)


@pytest.mark.fault(34)
def test_dbt_alone_is_killed(night: Operated) -> None:
    """The command outlives its child: it says so, marks what is shown as stale, and the next run is as any other."""
    company = night.restore()
    process = company.start()
    assert reach(company, process, "building")
    written = log_size(company)
    wait_until(lambda: log_size(company) > written + 300_000, process)
    [child] = children(process.pid)
    os.kill(child, signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "error: dbt: the build did not complete" in errors
    assert "Traceback" not in errors
    assert night.assert_old_or_new() == "old"
    assert staleness(company.warehouse).reason.startswith(
        "the publication of 2026-06-30 was held: dbt: the build did not"
    )
    company.refreshed()
    night.assert_as_undisturbed()


@pytest.mark.fault(34, 40)
def test_a_build_that_outlives_its_command_keeps_others_out(night: Operated) -> None:
    """The command is killed and its dbt goes on: nobody may build beside it, and when it has ended all is well."""
    company = night.restore()
    process = company.start()
    assert reach(company, process, "building")
    written = log_size(company)
    wait_until(lambda: log_size(company) > written + 300_000, process)
    [child] = children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    refused = company.refresh()
    assert is_running(child), "it has to be there for others to meet it"
    assert refused.returncode == 1
    assert "is in use by another process" in refused.stderr or "another refresh is running" in refused.stderr
    assert night.assert_old_or_new() == "old"
    while is_running(child):
        time.sleep(0.1)
    company.refreshed()
    night.assert_as_undisturbed()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
