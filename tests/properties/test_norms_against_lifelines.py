"""The learned norms equal those of an independent survival library on the same accounts.

Belongs here: random journeys, the curves and days that lifelines finds in them, and ours beside them.
Does not belong here: whose journeys a norm is learned from (tests/unit/journey.yml).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_time

from customer_health.refresh.refresh import BUILD_FILE, PROJECT_ROOT
from tests.in_process import InProcess

AS_OF = date(2026, 6, 30)
SEGMENTS = ("smb", "enterprise")
# a half that is a product of shares is one only to the last digit, in either of the two
DIGITS = 12

Group = tuple[str, str, str]  # desired outcome, segment, milestone


@dataclass(frozen=True)
class Waiting:
    """How long one account waited, and whether for something that came."""

    days: int
    is_reached: bool


@dataclass(frozen=True)
class Limits:
    """A curve day by day: the share that waits, and its limits."""

    share: pd.Series
    low: pd.Series
    high: pd.Series


def configured_milestones() -> list[tuple[str, str]]:
    with (PROJECT_ROOT / "seeds" / "journey" / "milestones.csv").open(encoding="utf-8", newline="") as file:
        return sorted({(row["desired_outcome"], row["milestone"]) for row in csv.DictReader(file)})


def random_group(rng: random.Random) -> list[Waiting]:
    """Few accounts or many, on few days (ties) or many, of whom few, most or all arrive."""
    last_day = rng.choice((1, 5, 30, 400))
    arriving = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))
    return [Waiting(rng.randint(0, last_day), rng.random() < arriving) for _ in range(rng.choice((1, 2, 5, 20, 60)))]


@pytest.fixture(scope="module")
def groups() -> dict[Group, list[Waiting]]:
    rng = random.Random(20261121)
    return {
        (outcome, segment, milestone): random_group(rng)
        for outcome, milestone in configured_milestones()
        for segment in SEGMENTS
    }


@pytest.fixture(scope="module")
def warehouse(
    groups: dict[Group, list[Waiting]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("learned norms")
    with duckdb.connect(str(folder / BUILD_FILE)) as con:
        write_journeys(con, groups)
    code = InProcess(folder, as_of=AS_OF).run(
        [
            "build",
            "--quiet",
            "--select",
            "milestones",
            "int_milestone_survival",
            "int_milestone_norms",
            "rpt_milestone_norms",
        ]
        + ["--exclude-resource-type", "test", "unit_test"]
    )
    assert code == 0, f"see {folder / 'logs' / 'dbt.log'}"
    with duckdb.connect(str(folder / BUILD_FILE), read_only=True) as con:
        yield con


def write_journeys(con: duckdb.DuckDBPyConnection, groups: dict[Group, list[Waiting]]) -> None:
    """What the norms read: one account per waiting, all of them renewed."""
    con.execute("create schema intermediate")
    con.execute("create table intermediate.int_current_accounts (account_id varchar, segment varchar)")
    con.execute(
        "create table intermediate.int_journeys (account_id varchar, spell_number integer, desired_outcome varchar,"
        " path_number integer, path_starts_on date, path_ends_on date, first_renewed_on date)"
    )
    con.execute(
        "create table intermediate.int_milestones (account_id varchar, spell_number integer, desired_outcome varchar,"
        " path_number integer, milestone varchar, instance_number integer, milestone_status varchar,"
        " is_watched_from_start boolean, counts_from_on date, reached_on date)"
    )
    starts_on = date(2025, 1, 1)
    accounts, journeys, milestones = [], [], []
    for (outcome, segment, milestone), waitings in groups.items():
        for number, waiting in enumerate(waitings):
            account = f"{outcome} {segment} {milestone} {number}"
            until = starts_on + timedelta(days=waiting.days)
            reached_on = until if waiting.is_reached else None
            accounts.append((account, segment))
            journeys.append(
                (account, 1, outcome, 1, starts_on, None if waiting.is_reached else until, date(2026, 1, 1))
            )
            milestones.append((account, 1, outcome, 1, milestone, 1, "upcoming", True, starts_on, reached_on))
    con.executemany("insert into intermediate.int_current_accounts values (?, ?)", accounts)
    con.executemany("insert into intermediate.int_journeys values (?, ?, ?, ?, ?, ?, ?)", journeys)
    con.executemany("insert into intermediate.int_milestones values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", milestones)


def curve_of_the_library(waitings: Sequence[Waiting]) -> Limits:
    fitter = KaplanMeierFitter(alpha=0.05)
    fitter.fit([waiting.days for waiting in waitings], [waiting.is_reached for waiting in waitings])
    low, high = (fitter.confidence_interval_[column] for column in fitter.confidence_interval_)
    return Limits(fitter.survival_function_["KM_estimate"], low, high)


def first_day(shares: pd.Series, share: float) -> int | None:
    """The first day on which no more than the share waits, of a curve that may rise again, as a limit may."""
    days = shares.index[shares.round(DIGITS) <= share]
    return int(days[0]) if len(days) else None


def arrival(shares: pd.Series, share: float) -> int | None:
    """The library's own answer."""
    day = qth_survival_time(share, shares.round(DIGITS))
    return None if day == float("inf") else int(day)


def test_the_random_groups_hold_what_is_hard(groups: dict[Group, list[Waiting]]) -> None:
    """Without ties, empty curves and full ones the comparison would say little."""
    medians = [arrival(curve_of_the_library(waitings).share, 0.5) for waitings in groups.values()]
    assert None in medians
    assert len([median for median in medians if median is not None]) >= 15
    assert any(not waiting.is_reached for waitings in groups.values() for waiting in waitings)
    assert any(len(waitings) > 2 * len({waiting.days for waiting in waitings}) for waitings in groups.values())


def test_curves_and_limits_equal_those_of_lifelines(
    groups: dict[Group, list[Waiting]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    for (outcome, segment, milestone), waitings in groups.items():
        ours = warehouse.execute(
            "select day, waiting_share, waiting_share_low, waiting_share_high"
            " from intermediate.int_milestone_survival"
            " where desired_outcome = ? and segment = ? and milestone = ? order by day",
            [outcome, segment, milestone],
        ).fetchall()
        curve = curve_of_the_library(waitings)
        assert [row[0] for row in ours] == sorted({waiting.days for waiting in waitings})
        for day, *shares in ours:
            theirs = [curve.share[day], curve.low[day], curve.high[day]]
            # our z has seven digits
            assert shares == pytest.approx(theirs, abs=1e-8), (outcome, segment, milestone, day)


def test_learned_days_equal_those_of_lifelines(
    groups: dict[Group, list[Waiting]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    columns = "median_days, median_days_low, median_days_high, p80_days, p80_days_low, p80_days_high"
    norms = {
        (outcome, segment, milestone): tuple(numbers)
        for outcome, segment, milestone, *numbers in warehouse.execute(
            f"select desired_outcome, segment, milestone, accounts, accounts_reached, {columns}"
            " from journey.rpt_milestone_norms"
        ).fetchall()
    }
    expected = {}
    for group, waitings in groups.items():
        curve = curve_of_the_library(waitings)
        expected[group] = (
            len(waitings),
            sum(waiting.is_reached for waiting in waitings),
            *(arrival(curve.share, 0.5), first_day(curve.low, 0.5), first_day(curve.high, 0.5)),
            *(arrival(curve.share, 0.2), first_day(curve.low, 0.2), first_day(curve.high, 0.2)),
        )
    assert norms == expected
