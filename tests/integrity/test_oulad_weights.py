"""Weights learned without one presentation, as `make oulad` prints them.

Belongs here: the points of a made-up build, the split by presentation, and the lines.
Does not belong here: the fit (tests/unit/test_weight_fit.py), the observations (test_oulad_evidence.py).
"""

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pytest

from examples.oulad.evidence import Observation
from examples.oulad.weights import read_points, read_weights, tell_weights

DAY = date(2019, 3, 3)
METRICS = {"habit": "proactive", "deadlines": "proactive", "silence": "reactive"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema intermediate; create schema health;
            create table intermediate.int_scorecard_weights (
                scorecard varchar, scorecard_version integer, metric varchar, motion varchar, weight decimal(38, 14)
            );
            create table health.dim_scorecards (scorecard varchar, scorecard_version integer, is_in_force boolean);
            create table health.fct_metric_points (
                account_id varchar, date_day date, metric varchar, points double, value_status varchar
            );
            insert into health.dim_scorecards values ('course', 1, true), ('course', 2, false);
            insert into intermediate.int_scorecard_weights values ('course', 2, 'habit', 'proactive', 50);
            """
        )
        for metric, motion in METRICS.items():
            weight = 50 if motion == "reactive" else 25
            row = ["course", 1, metric, motion, weight]
            connection.execute("insert into intermediate.int_scorecard_weights values (?, ?, ?, ?, ?)", row)
        yield connection


def enrol(con: duckdb.DuckDBPyConnection, presentation: str, students: int, seed: int) -> list[Observation]:
    """Students of whom those far behind on their deadlines withdraw; their habits say nothing."""
    rng = np.random.default_rng(seed)
    rows, seen = [], []
    for student in range(students):
        account = f"{presentation}_{student:04d}"
        points = dict(zip(METRICS, rng.uniform(0, 100, len(METRICS)), strict=True))
        withdrawn = bool(rng.random() < 1 / (1 + np.exp((points["deadlines"] - 20) / 12)))
        for metric, value in points.items():
            is_known = metric != "habit" or student % 10
            rows.append((account, DAY, metric, value if is_known else None, "observed" if is_known else "no_base"))
        seen.append(Observation(presentation, 30, account, 1, False, 50.0, withdrawn, date_day=DAY))
    con.executemany("insert into health.fct_metric_points values (?, ?, ?, ?, ?)", rows)
    return seen


def test_points_stand_in_the_order_of_the_observations_and_gaps_stay_gaps(con: duckdb.DuckDBPyConnection) -> None:
    observations = enrol(con, "ONE_2019B", 30, seed=1)[::-1]
    champion = read_weights(con, 0.3)
    assert champion.metrics == ("deadlines", "habit", "silence") and champion.values.tolist() == [25, 25, 50]
    observed = read_points(con, observations, champion)
    assert np.isnan(observed.points).sum() == 3 == np.isnan(observed.points[:, 1]).sum()
    assert observed.applicable.all()
    [(first,)] = con.execute(
        "select points from health.fct_metric_points where account_id = ? and metric = 'silence'",
        [observations[0].account_id],
    ).fetchall()
    assert observed.points[0, 2] == first


def test_each_presentation_is_judged_by_weights_that_never_saw_it(con: duckdb.DuckDBPyConnection) -> None:
    large, small = enrol(con, "ONE_2019B", 700, seed=1), enrol(con, "TWO_2019J", 120, seed=2)
    title, without_large, without_small = tell_weights(con, [*large, *small], 0.3)
    withdrawn = {name: sum(one.is_withdrawn for one in seen) for name, seen in (("large", large), ("small", small))}
    assert withdrawn["large"] > 100 > withdrawn["small"] > 10
    assert f"without ONE_2019B: refused, {withdrawn['small']} accounts met the outcome" in without_large
    assert (
        f"without TWO_2019J: learned from {withdrawn['large']} withdrawals; on its own {withdrawn['small']}"
        in without_small
    )
    assert "difference +0." in without_small


def test_a_course_that_nobody_scored_or_left_says_so(con: duckdb.DuckDBPyConnection) -> None:
    assert "nobody was scored" in "\n".join(tell_weights(con, [], 0.3))
    stayed = [
        Observation("TWO_2019J", 30, one.account_id, 1, False, 50.0, False, date_day=DAY)
        for one in enrol(con, "TWO_2019J", 40, seed=3)
    ]
    lines = tell_weights(con, [*enrol(con, "ONE_2019B", 700, seed=1), *stayed], 0.3)
    assert "none of its own to judge by" in lines[-1]
